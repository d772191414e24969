#include "fastpath/elementwise/tile_source.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace dfp16::fast {

TileSource TileSource::copy_of(const Tensor& x) {
    return TileSource(Kind::copy, x);
}

TileSource TileSource::blocked(const Tensor& x, const Layout& layout) {
    TileSource source(Kind::blocked, x);
    source.blocked_ = layout;
    return source;
}

TileSource TileSource::biased(const Tensor& x, const float* bias) {
    TileSource source(Kind::bias, x);
    source.first_ = padded_channels(bias, x.layout.C);
    return source;
}

TileSource TileSource::affine(const Tensor& x, std::vector<float> scale, std::vector<float> shift,
                              std::optional<Extremes> extremes) {
    TileSource source(Kind::affine, x);
    source.first_ = std::move(scale);
    source.second_ = std::move(shift);
    source.extremes_ = extremes;
    return source;
}

TileSource TileSource::gradient(const Tensor& dy, const Tensor& x, std::vector<float> a, std::vector<float> b,
                                std::vector<float> c) {
    TileSource source(Kind::gradient, x);
    source.dy_ = &dy;
    source.first_ = std::move(a);
    source.second_ = std::move(b);
    source.third_ = std::move(c);
    return source;
}

TileSource TileSource::with_relu() const {
    TileSource source = *this;
    source.relu_ = true;
    if (extremes_) source.extremes_ = Extremes{std::max(extremes_->low, 0.0f), std::max(extremes_->high, 0.0f)};
    return source;
}

std::optional<std::uint32_t> TileSource::known_max() const {
    if (extremes_) return std::bit_cast<std::uint32_t>(std::max(std::fabs(extremes_->low), std::fabs(extremes_->high)));
    return kind_ == Kind::copy && !relu_ ? x_->max_magnitude : std::nullopt;
}

void TileSource::write(const KernelTable& kernels, const Tile& tile, float* target) const {
    const std::int64_t lane = first_lane(tile);
    switch (kind_) {
        case Kind::copy:
            if (relu_) return kernels.relu_fp32(x_->fp32() + tile.begin, tile.count, target);
            std::copy_n(x_->fp32() + tile.begin, tile.count, target);
            return;
        case Kind::blocked: return write_blocked(kernels, tile, target);
        case Kind::bias:
            return kernels.bias(x_->fp32() + tile.begin, tile.pixels(), first_.data() + lane, relu_, target);
        case Kind::affine:
            return kernels.affine(x_->mantissas() + tile.begin, std::ldexp(1.0f, x_->exponent), tile.pixels(),
                                  first_.data() + lane, second_.data() + lane, relu_, target);
        case Kind::gradient: return kernels.batch_norm_gradient(gradient_of(tile), tile.pixels(), relu_, target);
    }
}

TileSource::PlainChannels TileSource::plain_channels(const Tile& tile) const {
    const std::int64_t image = tile.plane / layout().blocks();
    return {x_->fp32() + (image * layout().C + first_lane(tile)) * layout().HW + tile.first_pixel,
            std::min(kBlock, layout().C - first_lane(tile))};
}

void TileSource::write_blocked(const KernelTable& kernels, const Tile& tile, float* target) const {
    const PlainChannels from = plain_channels(tile);
    kernels.interleave_channels(from.first, layout().HW, from.count, tile.pixels(), target);
}

BatchNormGradient TileSource::gradient_of(const Tile& tile) const {
    const std::int64_t lane = first_lane(tile);
    return {dy_->mantissas() + tile.begin,
            x_->mantissas() + tile.begin,
            std::ldexp(1.0f, dy_->exponent),
            std::ldexp(1.0f, x_->exponent),
            first_.data() + lane,
            second_.data() + lane,
            third_.data() + lane};
}

std::uint32_t TileSource::quantize_tile(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                        std::int16_t* mantissas) const {
    if (kind_ == Kind::gradient && !relu_) {
        return kernels.batch_norm_gradient_to_mantissas(gradient_of(tile), tile.pixels(), to, mantissas);
    }
    if (goes_to_mantissas()) {
        const std::int64_t lane = first_lane(tile);
        kernels.affine_to_mantissas(x_->mantissas() + tile.begin, std::ldexp(1.0f, x_->exponent), tile.pixels(),
                                    first_.data() + lane, second_.data() + lane, relu_, to, mantissas);
        return 0;
    }
    alignas(kAlignment) std::int16_t apart[kTile];
    std::int16_t* const target = to.stream ? apart : mantissas;
    const std::uint32_t largest = kind_ == Kind::blocked && !relu_ ? quantize_channels(kernels, tile, to, target)
                                                                   : quantize_values(kernels, tile, to, target);
    if (to.stream) kernels.copy_past_caches(apart, tile.count, mantissas);
    return largest;
}

std::uint32_t TileSource::quantize_channels(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                            std::int16_t* mantissas) const {
    const PlainChannels from = plain_channels(tile);
    kernels.quantize_channels(from.first, layout().HW, from.count, tile.pixels(), to.scale, to.limit, mantissas);
    std::uint32_t largest = 0;
    for (std::int64_t c = 0; c < from.count; ++c) {
        largest = std::max(largest, kernels.max_magnitude_fp32(from.first + c * layout().HW, tile.pixels()));
    }
    return largest;
}

std::uint32_t TileSource::quantize_values(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                          std::int16_t* mantissas) const {
    alignas(kAlignment) float buffer[kTile];
    const float* values = this->tile(kernels, tile, buffer);
    kernels.quantize(values, tile.count, to.scale, to.limit, FloatRounding::nearest_even, nullptr, mantissas);
    return known_max() ? 0 : kernels.max_magnitude_fp32(values, tile.count);
}

const float* TileSource::tile(const KernelTable& kernels, const Tile& tile, float* buffer) const {
    if (kind_ == Kind::copy && !relu_) return x_->fp32() + tile.begin;
    write(kernels, tile, buffer);
    return buffer;
}

void materialize(const Execution& execution, const TileSource& source, Tensor& y) {
    for_tiles(execution.pool, source.layout(), source.cut(),
              [&](const Tile& tile, std::int64_t) { source.write(execution.kernels, tile, y.fp32() + tile.begin); });
}

std::uint32_t max_magnitude(const Execution& execution, const TileSource& source) {
    if (const auto known = source.known_max()) return *known;
    return max_over_tiles(execution.pool, source.layout(), source.cut(), [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) float buffer[kTile];
        const float* x = source.tile(execution.kernels, tile, buffer);
        return execution.kernels.max_magnitude_fp32(x, tile.count);
    });
}

std::int64_t first_not_finite(const Execution& execution, const TileSource& source) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    const Tiles tiles(source.layout(), source.cut());
    for (std::int64_t i = 0; i < tiles.count(); ++i) {
        alignas(kAlignment) float buffer[kTile];
        const Tile tile = tiles[i];
        const float* x = source.tile(execution.kernels, tile, buffer);
        for (std::int64_t j = 0; j < tile.count; ++j) {
            if (!std::isfinite(x[j])) first = std::min(first, source.layout().logical_index(tile.begin + j));
        }
    }
    return first;
}

std::vector<float> padded_channels(const float* values, std::int64_t channels) {
    std::vector<float> padded(static_cast<std::size_t>((channels + kBlock - 1) / kBlock * kBlock), 0.0f);
    std::copy_n(values, channels, padded.begin());
    return padded;
}

}  // namespace dfp16::fast
