#include "fastpath/elementwise/mantissa_tiles.h"

#include <cmath>

#include "fastpath/elementwise/numeric.h"

namespace dfp16::fast {

MantissaTiles MantissaTiles::of(const Tensor& x) {
    return {x, x.exponent};
}

MantissaTiles MantissaTiles::quantized(const TileSource& source, int headroom, const Tensor& y) {
    MantissaTiles tiles(y, exponent_of(source.known_max().value(), headroom));
    tiles.source_ = source;
    tiles.limit_ = mantissa_bound(headroom);
    return tiles;
}

const std::int16_t* MantissaTiles::tile(const KernelTable& kernels, const Tile& tile, std::int16_t* buffer) const {
    if (!source_) return tensor_->mantissas() + tile.begin;
    source_->quantize_tile(kernels, tile, {std::ldexp(1.0f, -exponent_), limit_}, buffer);
    return buffer;
}

}  // namespace dfp16::fast
