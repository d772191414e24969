// A measured figure: the median of several, with the least and the most of them.
#pragma once

#include <string>
#include <vector>

namespace dfp16::bench {

struct Record {
    std::string name;
    double value = 0.0;
    double min = 0.0;
    double max = 0.0;
    std::string unit;  ///< "1" for ratios
};

/// At least one value.
double median_of(std::vector<double> values);
/// At least one value.
Record record_of(const std::string& name, const std::vector<double>& values, const std::string& unit = "1");

}  // namespace dfp16::bench
