#include "tools/bench/record.h"

#include <algorithm>

namespace dfp16::bench {

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Record record_of(const std::string& name, const std::vector<double>& values, const std::string& unit) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return {name, median_of(values), *least, *most, unit};
}

}  // namespace dfp16::bench
