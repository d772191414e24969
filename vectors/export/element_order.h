// Where the elements of a tensor lie in a memory: its axes, from the outermost to the innermost, any of them cut in
// blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/shape.h"

namespace dfp16 {

/// Each part of an order is an axis, or some of its digits: "c/16" counts blocks of 16, "c%16" the places within one;
/// "k/2%8" is between "k/16" and "k%2". The last block is filled up: positions() may exceed the tensor's elements.
class ElementOrder {
public:
    /// "n,c/16,h,w,c%16" for axes "n,c,h,w". Throws InputError for what does not name every digit of every axis once.
    /// Without names of axes they are i0, i1, ...
    ElementOrder(const std::string& order, const std::string& axes, const Shape& shape);

    /// The names of the axes, in the logical order.
    const std::vector<std::string>& axes() const { return axes_; }
    const Shape& shape() const { return shape_; }
    /// As it was given.
    const std::string& text() const { return text_; }
    /// Elements with those that fill blocks up.
    std::int64_t positions() const { return positions_; }
    /// The position of the element with this row-major index.
    std::int64_t position(std::int64_t index) const;
    /// position() as a Verilog expression of integers that are named as the axes with `prefix` before them.
    std::string expression(const std::string& prefix) const;

private:
    /// coordinate / divisor % size
    struct Part {
        std::size_t axis = 0;
        std::int64_t divisor = 1;
        std::int64_t size = 0;  ///< 0: up to the axis' end
    };

    Part parse(const std::string& part) const;
    void close_axis(std::size_t axis);
    [[noreturn]] void fail(const std::string& what) const;

    std::string text_;
    std::vector<std::string> axes_;
    Shape shape_;
    std::vector<Part> parts_;
    std::int64_t positions_ = 1;
};

/// The logical order: "n,c,h,w"; "i0,i1" for axes without names.
std::string row_major_order(const std::string& axes, const Shape& shape);
/// "n,c/16,h,w,c%16": the second of four axes, or the last of fewer, in blocks that are innermost.
std::string channel_blocked_order(const std::string& axes, const Shape& shape, std::int64_t block);

}  // namespace dfp16
