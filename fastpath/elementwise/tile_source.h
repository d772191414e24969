// An FP32 tensor that is computed tile by tile where it is needed: the elementwise end of bias, ReLU and batch norm.
// When only a quantize reads it, it is computed twice, once for the largest magnitude and once for the mantissas, and
// never written (fusion.h says when). Which pass computes an element does not change its bits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/tiles.h"
#include "fastpath/tensor.h"

namespace dfp16::fast {

class TileSource {
public:
    /// x itself.
    static TileSource copy_of(const Tensor& x);
    /// x, which is plain, in the blocked layout of its channels. Without ReLU.
    static TileSource blocked(const Tensor& x, const Layout& layout);
    /// x + bias[channel].
    static TileSource biased(const Tensor& x, const float* bias);
    /// fma(x, scale[channel], shift[channel]) of the dequantized x. low and high: the extremes of the result and 0.
    struct Extremes {
        float low;
        float high;
    };
    static TileSource affine(const Tensor& x, std::vector<float> scale, std::vector<float> shift,
                             std::optional<Extremes> extremes);
    /// fma(dy, a[channel], fma(x, b[channel], c[channel])) of the dequantized dy and x.
    static TileSource gradient(const Tensor& dy, const Tensor& x, std::vector<float> a, std::vector<float> b,
                               std::vector<float> c);

    /// ReLU of all that.
    TileSource with_relu() const;

    const Layout& layout() const { return blocked_ ? *blocked_ : x_->layout; }
    /// Whether it ends with ReLU.
    bool non_negative() const { return relu_; }
    Cut cut() const { return kind_ == Kind::copy ? Cut::anywhere : Cut::by_plane; }
    /// Bits of the largest magnitude, if it is known without looking at every element.
    std::optional<std::uint32_t> known_max() const;
    /// The elements of a tile: in `buffer` of kTile elements, or where they already are.
    const float* tile(const KernelTable& kernels, const Tile& tile, float* buffer) const;

    /// Elements in a tile of quantize_tile(), at most: many where no buffer has to hold them.
    std::int64_t tile_elements() const { return takes_no_buffer() ? 16 * kTile : kTile; }
    /// Whether quantize_tile() can say which mantissas are above zero.
    bool marks_positive() const { return goes_to_mantissas(); }
    /// The mantissas of a tile, to nearest even. Gives the bits of its largest magnitude, unless known_max() does.
    std::uint32_t quantize_tile(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                std::int16_t* mantissas) const;

private:
    /// An affine function to mantissas in one pass, which finds no magnitude.
    bool goes_to_mantissas() const { return kind_ == Kind::affine && extremes_.has_value(); }

    bool takes_no_buffer() const { return (kind_ == Kind::gradient && !relu_) || goes_to_mantissas(); }

    enum class Kind { copy, blocked, bias, affine, gradient };

    TileSource(Kind kind, const Tensor& x) : kind_(kind), x_(&x) {}
    void write(const KernelTable& kernels, const Tile& tile, float* target) const;
    /// Of a plain tensor, what becomes a blocked one's tile: HW elements from one channel to the next.
    struct PlainChannels {
        const float* first;
        std::int64_t count;
    };
    PlainChannels plain_channels(const Tile& tile) const;
    void write_blocked(const KernelTable& kernels, const Tile& tile, float* target) const;
    // Of quantize_tile(), which may put them past the caches.
    std::uint32_t quantize_channels(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                    std::int16_t* mantissas) const;
    std::uint32_t quantize_values(const KernelTable& kernels, const Tile& tile, const ToMantissas& to,
                                  std::int16_t* mantissas) const;
    std::int64_t first_lane(const Tile& tile) const {
        return layout().blocked ? tile.plane % layout().blocks() * kBlock : 0;
    }
    BatchNormGradient gradient_of(const Tile& tile) const;

    Kind kind_;
    const Tensor* x_;
    const Tensor* dy_ = nullptr;
    std::optional<Layout> blocked_;
    bool relu_ = false;
    // One value a channel, padded with zeros to whole blocks: bias; scale, shift; a, b, c.
    std::vector<float> first_;
    std::vector<float> second_;
    std::vector<float> third_;
    std::optional<Extremes> extremes_;

    friend void materialize(const Execution& execution, const TileSource& source, Tensor& y);
};

/// Writes all elements to y.
void materialize(const Execution& execution, const TileSource& source, Tensor& y);
/// Bits of the largest magnitude: above those of every finite number if there is a NaN or an infinity.
std::uint32_t max_magnitude(const Execution& execution, const TileSource& source);
/// The smallest row-major index of a NaN or an infinity; there is one.
std::int64_t first_not_finite(const Execution& execution, const TileSource& source);

/// One FP32 value a channel, from C values, padded with zeros to whole blocks.
std::vector<float> padded_channels(const float* values, std::int64_t channels);

}  // namespace dfp16::fast
