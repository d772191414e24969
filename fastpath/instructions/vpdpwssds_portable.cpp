#include "fastpath/instructions/lanes_portable.h"

namespace dfp16::fast {

void vpdpwssds_portable(const InstructionRun& run) {
    for_each_lane(run, 2 * run.lanes, 2 * run.lanes,
                  [](const std::int16_t* a, const std::int16_t* b, int lane, std::int32_t c) {
                      return clamped(c + pair_product(a, b + 2 * lane));
                  });
}

}  // namespace dfp16::fast
