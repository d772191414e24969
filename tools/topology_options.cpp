#include "tools/topology_options.h"

#include <charconv>
#include <string>

#include "sim/types/error.h"
#include "tools/options.h"

namespace dfp16 {

namespace {

/// "3x224x224"
void read_input(const std::string& text, InputSize& input) {
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    std::int64_t* const sizes[] = {&input.channels, &input.height, &input.width};
    for (std::int64_t* const size : sizes) {
        const auto [next, error] = std::from_chars(at, end, *size);
        const bool last = size == &input.width;
        if (error != std::errc{} || *size < 1 || *size > 65536 || (last ? next != end : next == end || *next != 'x')) {
            throw InputError("--input '" + text + "', expected CxHxW, each from 1 to 65536");
        }
        at = last ? next : next + 1;
    }
}

double width_of(const std::string& text) {
    double width = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error != std::errc{} || end != text.data() + text.size() || !(width > 0.0 && width <= 64.0)) {
        throw InputError("--width '" + text + "', expected a number above 0, at most 64");
    }
    return width;
}

}  // namespace

TopologyOptions topology_options(const boost::program_options::variables_map& given, const InputSize& otherwise) {
    TopologyOptions options{.input = otherwise};
    if (given.contains("input")) read_input(given["input"].as<std::string>(), options.input);
    if (given.contains("classes")) options.input.classes = whole_number(given, "classes", 1, 1 << 24);
    if (given.contains("width")) options.width = width_of(given["width"].as<std::string>());
    return options;
}

}  // namespace dfp16
