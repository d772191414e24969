#include "vectors/export/layout.h"

#include <algorithm>
#include <cctype>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kLargestBlock = 4096;
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

/// "NCHW" for "n,c,h,w"; empty if an axis has no name of one letter.
std::string letters_of(const std::string& axes) {
    std::string letters;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (i % 2 == 0 ? !std::islower(static_cast<unsigned char>(axes[i])) : axes[i] != ',') return "";
        if (i % 2 == 0) letters += static_cast<char>(std::toupper(static_cast<unsigned char>(axes[i])));
    }
    return letters;
}

std::string sorted(std::string letters) {
    std::sort(letters.begin(), letters.end());
    return letters;
}

std::string spelt_out(const std::string& text, const std::string& letters) {
    if (text != "VNNI") return text;
    return letters == "KCRS" ? "KCRS8c16k2c" : letters == "KN" ? "KN2k" : letters == "KC" ? "CK2c" : text;
}

/// The letters that a layout means by its tensor's axes: the axes' own, or those of a familiar tensor of four
/// dimensions.
std::string names_for(const std::string& order, const std::string& letters, std::size_t rank) {
    for (const std::string& names :
         {letters, std::string(rank == 4 ? "NCHW" : ""), std::string(rank == 4 ? "KCRS" : "")}) {
        if (!names.empty() && sorted(names) == sorted(order)) return names;
    }
    return "";
}

}  // namespace

Layout::Layout(const std::string& text, const Operand& operand)
    : text_(spelt_out(text, letters_of(operand.axes))), tensor_(operand.name), shape_(operand.shape) {
    Order order;
    if (text_.empty()) {
        for (std::size_t axis = 0; axis < shape_.rank(); ++axis) order.axes.push_back(axis);
    } else {
        order = parse(operand.axes);
    }
    set_offsets(order);
}

void Layout::fail(const std::string& why) const {
    throw InputError("layout '" + text_ + "' of " + tensor_ + ": " + why);
}

Layout::Order Layout::parse(const std::string& axes) const {
    const std::size_t outer = static_cast<std::size_t>(
        std::find_if(text_.begin(), text_.end(), [](unsigned char c) { return std::isupper(c) == 0; }) - text_.begin());
    const std::string names = names_for(text_.substr(0, outer), letters_of(axes), shape_.rank());
    if (names.empty()) {
        const std::string letters = letters_of(axes);
        fail("expected each of the axes " +
             (letters.empty() ? shape_.rank() == 4 ? "NCHW or KCRS" : "(it has none with a name of one letter)"
                              : letters) +
             " once as a capital letter, and then blocks as in 16c");
    }
    Order order;
    for (const char letter : text_.substr(0, outer)) order.axes.push_back(names.find(letter));
    for (std::size_t at = outer; at < text_.size(); ++at) {
        std::int64_t size = 0;
        for (; at < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at])) && size <= kLargestBlock;
             ++at) {
            size = size * 10 + (text_[at] - '0');
        }
        const char letter = at < text_.size() ? text_[at] : '?';
        const std::size_t axis = names.find(static_cast<char>(std::toupper(static_cast<unsigned char>(letter))));
        if (size < 2 || size > kLargestBlock || axis == std::string::npos ||
            !std::islower(static_cast<unsigned char>(letter))) {
            fail("expected blocks of 2 to " + std::to_string(kLargestBlock) +
                 " of an axis in small letters, as in 16c");
        }
        order.blocks.push_back({axis, size});
    }
    return order;
}

void Layout::set_offsets(const Order& order) {
    std::vector<std::int64_t> block(shape_.rank(), 1);  // elements of an axis that its blocks hold together
    for (const Block& b : order.blocks) {
        block[b.axis] *= b.size;
        if (block[b.axis] > kMostElements) fail("blocks beyond what a tensor may index");
    }
    for (const std::size_t axis : order.axes) sizes_.push_back((shape_[axis] + block[axis] - 1) / block[axis]);
    for (const Block& b : order.blocks) sizes_.push_back(b.size);
    for (const std::int64_t size : sizes_) {
        if (size > kMostElements / elements_) fail("more than 2^40 elements, beyond what a tensor may index");
        elements_ *= size;
    }
    for (std::size_t axis = 0; axis < shape_.rank(); ++axis) {
        offsets_.emplace_back(static_cast<std::size_t>(shape_[axis]), 0);
    }
    std::vector<std::int64_t> step(shape_.rank(), 1);  // coordinates of an axis between neighbours, from the innermost
    std::int64_t stride = 1;
    for (std::size_t i = sizes_.size(); i-- > 0;) {
        const std::size_t axis = i < order.axes.size() ? order.axes[i] : order.blocks[i - order.axes.size()].axis;
        for (std::int64_t c = 0; c < shape_[axis]; ++c) {
            offsets_[axis][static_cast<std::size_t>(c)] += c / step[axis] % sizes_[i] * stride;
        }
        step[axis] *= sizes_[i];
        stride *= sizes_[i];
    }
}

decltype(HostTensor::data) Layout::arrange(const HostTensor& tensor) const {
    decltype(HostTensor::data) result;
    std::visit(
        [&](const auto& elements) {
            std::decay_t<decltype(elements)> array(static_cast<std::size_t>(elements_));
            // Missing axes of a lower rank are in front and have one coordinate.
            std::vector<std::vector<std::int64_t>> offsets(4 - shape_.rank(), {0});
            offsets.insert(offsets.end(), offsets_.begin(), offsets_.end());
            auto element = elements.begin();
            for (const std::int64_t first : offsets[0]) {
                for (const std::int64_t second : offsets[1]) {
                    for (const std::int64_t third : offsets[2]) {
                        for (const std::int64_t fourth : offsets[3]) {
                            array[static_cast<std::size_t>(first + second + third + fourth)] = *element++;
                        }
                    }
                }
            }
            result = std::move(array);
        },
        tensor.data);
    return result;
}

}  // namespace dfp16
