#include "vectors/report/coverage.h"

#include <fmt/format.h>

#include <iterator>

namespace dfp16 {

std::string coverage_text(const VerifyReport& report) {
    std::string text;
    for (const bool corner : {true, false}) {
        for (const auto& [name, count] : report.classes) {
            if (count.corner != corner) continue;
            fmt::format_to(std::back_inserter(text), "{:6} {:36} {:9}\n", corner ? "corner" : "plain", name,
                           count.cases);
        }
    }
    return text;
}

}  // namespace dfp16
