// Texts that options take: a byte for which, then the text.
#include "reference/data/synthetic.h"
#include "reference/plant.h"
#include "reference/schedule.h"
#include "tests/fuzz/helpers.h"

namespace dfp16::fuzz {

namespace {

void read_schedule(const std::string& text) {
    const Schedule schedule = schedule_of(text);
    require(name_of(schedule_of(name_of(schedule))) == name_of(schedule), "the schedule changes on its way: " + text);
    for (const std::int64_t step : {0, 1, 99}) learning_rate_of(schedule, 0.1f, step, 100);
}

}  // namespace

void texts(Bytes bytes) {
    if (bytes.empty()) return;
    const std::string text = text_of(bytes.subspan(1));
    accepted([&] {
        switch (bytes[0] % 3) {
            case 0: return read_schedule(text);
            case 1: fault_of(text); return;
            default: synthetic_spec_of(text); return;
        }
    });
}

}  // namespace dfp16::fuzz
