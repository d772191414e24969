#include "vectors/export/element_order.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <regex>

#include "sim/types/error.h"
#include "vectors/split.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kMostPositions = (std::int64_t{1} << 31) - 1;  // a Verilog integer counts them

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
    return text;
}

std::vector<std::string> axis_names(const std::string& axes, const Shape& shape) {
    if (!axes.empty()) return split(axes, ',');
    std::vector<std::string> names;
    for (std::size_t i = 0; i < shape.rank(); ++i) names.push_back("i" + std::to_string(i));
    return names;
}

}  // namespace

std::string row_major_order(const std::string& axes, const Shape& shape) {
    return join(axis_names(axes, shape));
}

std::string channel_blocked_order(const std::string& axes, const Shape& shape, std::int64_t block) {
    std::vector<std::string> parts = axis_names(axes, shape);
    const std::size_t channel = parts.size() == 4 ? 1 : parts.size() - 1;
    const std::string name = parts[channel];
    parts[channel] += "/" + std::to_string(block);
    parts.push_back(name + "%" + std::to_string(block));
    return join(parts);
}

ElementOrder::ElementOrder(const std::string& order, const std::string& axes, const Shape& shape)
    : text_(order), axes_(axis_names(axes, shape)), shape_(shape) {
    for (const std::string& part : split(order, ',')) parts_.push_back(parse(part));
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) close_axis(axis);
    for (const Part& part : parts_) {
        if (part.size > kMostPositions / positions_) fail("more than 2^31 - 1 elements");
        positions_ *= part.size;
    }
}

void ElementOrder::fail(const std::string& what) const {
    throw InputError("element order '" + text_ + "': " + what + ", expected every axis of (" + join(axes_) +
                     ") once, or cut in blocks as in '" + channel_blocked_order(join(axes_), shape_, 16) + "'");
}

ElementOrder::Part ElementOrder::parse(const std::string& part) const {
    static const std::regex pattern("([A-Za-z_0-9]+)(?:/([1-9][0-9]{0,8}))?(?:%([1-9][0-9]{0,8}))?");
    std::smatch match;
    if (!std::regex_match(part, match, pattern)) fail("'" + part + "'");
    const auto found = std::find(axes_.begin(), axes_.end(), match[1].str());
    if (found == axes_.end()) fail("axis '" + match[1].str() + "'");
    const auto number = [&](std::size_t i, std::int64_t otherwise) {
        return match[i].matched ? std::stoll(match[i].str()) : otherwise;
    };
    return {static_cast<std::size_t>(found - axes_.begin()), number(2, 1), number(3, 0)};
}

/// Checks that the parts of an axis continue one another, from divisor 1 to its end, and sizes the last.
void ElementOrder::close_axis(std::size_t axis) {
    std::vector<Part*> parts;
    for (Part& part : parts_) {
        if (part.axis == axis) parts.push_back(&part);
    }
    std::sort(parts.begin(), parts.end(), [](const Part* a, const Part* b) { return a->divisor < b->divisor; });
    std::int64_t covered = 1;
    for (const Part* part : parts) {
        if (part->divisor != covered || (part->size == 0) != (part == parts.back())) fail("axis '" + axes_[axis] + "'");
        covered *= std::max<std::int64_t>(part->size, 1);
        if (covered > kMostPositions) fail("axis '" + axes_[axis] + "'");
    }
    if (parts.empty()) fail("axis '" + axes_[axis] + "'");
    parts.back()->size = (shape_[axis] + covered - 1) / covered;
}

std::int64_t ElementOrder::position(std::int64_t index) const {
    std::array<std::int64_t, 4> coordinate{};
    for (std::size_t i = shape_.rank(); i-- > 0;) {
        coordinate[i] = index % shape_[i];
        index /= shape_[i];
    }
    std::int64_t position = 0;
    for (const Part& part : parts_) position = position * part.size + coordinate[part.axis] / part.divisor % part.size;
    return position;
}

std::string ElementOrder::expression(const std::string& prefix) const {
    std::string text;
    for (const Part& part : parts_) {
        std::string digit = prefix + axes_[part.axis];
        if (part.divisor > 1) digit += " / " + std::to_string(part.divisor);
        const bool to_the_end = part.size * part.divisor >= shape_[part.axis];
        if (!to_the_end) digit += " % " + std::to_string(part.size);
        text = text.empty() ? digit : fmt::format("({}) * {} + {}", text, part.size, digit);
    }
    return text;
}

}  // namespace dfp16
