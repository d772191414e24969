// A DFP-16 tensor as an operation reads it, tile by tile: from memory, or quantized on the way from an FP32 tensor that
// is computed tile by tile itself and whose exponent is known before (fusion.h says when).
#pragma once

#include <cstdint>
#include <optional>

#include "fastpath/elementwise/tile_source.h"
#include "fastpath/tensor.h"

namespace dfp16::fast {

class MantissaTiles {
public:
    /// x itself.
    static MantissaTiles of(const Tensor& x);
    /// quantize(source) to nearest even; its largest magnitude must be known and finite. `y` is the tensor that this
    /// stands for, which has no memory.
    static MantissaTiles quantized(const TileSource& source, int headroom, const Tensor& y);

    int exponent() const { return exponent_; }
    Cut cut() const { return source_ ? source_->cut() : Cut::anywhere; }
    /// The mantissas of a tile: in `buffer` of kTile elements, or where they already are.
    const std::int16_t* tile(const KernelTable& kernels, const Tile& tile, std::int16_t* buffer) const;
    /// No magnitude is larger; -1: not known.
    std::int32_t largest() const { return source_ ? limit_ : tensor_->largest_mantissa; }
    /// The tensor, if its elements may be -32768.
    const Tensor* unchecked() const { return source_ || tensor_->largest_mantissa >= 0 ? nullptr : tensor_; }

private:
    MantissaTiles(const Tensor& tensor, int exponent) : tensor_(&tensor), exponent_(exponent) {}

    const Tensor* tensor_;
    int exponent_;
    std::optional<TileSource> source_;
    std::int32_t limit_ = 0;
};

}  // namespace dfp16::fast
