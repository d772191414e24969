// Where each element of a tensor lies in memory: axes in any order, some of them cut into blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "vectors/operands.h"

namespace dfp16 {

/// A layout is a text as "NHWC", "NCHW16c" or "KCRS8c16k2c": each axis once as a capital letter, outermost first; then
/// blocks, a size and the small letter of their axis, outermost first too. What a block lacks at an axis' end is zeros.
class Layout {
public:
    /// Of a tensor of the operand's axes and shape. Letters are those of the operand's axes ("k,n"); NCHW and KCRS also
    /// name the axes of any tensor of four dimensions, in this order. An empty text is the logical order, and "VNNI"
    /// pairs neighbours of the summed index: KCRS8c16k2c for convolution weights, KN2k for a factor (K,N), CK2c for FC
    /// weights. Throws InputError for a text that is none of these or does not fit.
    Layout(const std::string& text, const Operand& operand);

    /// As it was given; "VNNI" spelt out.
    const std::string& text() const { return text_; }
    /// Of the array in memory, outermost first: outer axes, then blocks.
    const std::vector<std::int64_t>& sizes() const { return sizes_; }
    /// Of the array, padding included.
    std::int64_t elements() const { return elements_; }
    /// The elements of a tensor of that shape in the order of the array.
    decltype(HostTensor::data) arrange(const HostTensor& tensor) const;

private:
    struct Block {
        std::size_t axis;
        std::int64_t size;
    };
    /// Axes, outermost first, and blocks.
    struct Order {
        std::vector<std::size_t> axes;
        std::vector<Block> blocks;
    };

    [[noreturn]] void fail(const std::string& why) const;
    Order parse(const std::string& axes) const;
    void set_offsets(const Order& order);

    std::string text_;
    std::string tensor_;
    Shape shape_;
    std::vector<std::int64_t> sizes_;
    std::int64_t elements_ = 1;
    std::vector<std::vector<std::int64_t>>
        offsets_;  ///< what each coordinate of each axis adds to the place in the array
};

}  // namespace dfp16
