#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

std::vector<float> one_a_channel(const Layout& layout) {
    return std::vector<float>(static_cast<std::size_t>(layout.blocks() * kBlock), 0.0f);
}

/// What a channel's FP32 statistics make of x: fma(x, scale, shift).
struct Affine {
    float scale;
    float shift;
};

Affine affine_of(float mean, float invstd, float gamma, float beta, const Tensor& y, std::int64_t c) {
    const double a = double{gamma} * double{invstd};
    return {rounded_fp32(a, y, c, "scale of channel"),
            rounded_fp32(double{beta} - double{mean} * a, y, c, "shift of channel")};
}

float inverse_deviation(double variance, float epsilon, const Tensor& tensor, std::int64_t c) {
    return rounded_fp32(1.0 / std::sqrt(variance + double{epsilon}), tensor, c, "inverse standard deviation");
}

__extension__ typedef __int128 Int128;

/// Sums of m, squares and extremes; or of m and its products with a factor of the same layout.
ChannelStatistics statistics_of(const Execution& execution, const Tensor& m, const Tensor* factor) {
    const bool known = factor == nullptr ? m.wants_statistics : m.factor == factor;
    if (known && !m.statistics.empty()) return m.statistics;
    const Layout& layout = m.layout;
    const std::int64_t plane_elements = layout.HW * kBlock;
    std::vector<BlockSums> planes(static_cast<std::size_t>(layout.N * layout.blocks()));
    for_planes(execution.pool, layout, [&](std::int64_t plane) {
        const std::int16_t* of_plane = m.mantissas() + plane * plane_elements;
        BlockSums* sums = &planes[static_cast<std::size_t>(plane)];
        if (factor == nullptr) return execution.kernels.block_sums(of_plane, layout.HW, sums);
        execution.kernels.block_products(of_plane, factor->mantissas() + plane * plane_elements, layout.HW, sums);
    });
    return sum_of_parts(planes, layout.blocks());
}

/// What the elements of a channel sum to.
struct ChannelSums {
    std::int64_t sum;
    std::int64_t product;
    std::int16_t low;
    std::int16_t high;
};

ChannelSums of_channel(const ChannelStatistics& blocks, std::int64_t c) {
    const BlockSums& block = blocks[static_cast<std::size_t>(c / kBlock)];
    const std::int64_t lane = c % kBlock;
    return {block.sum[lane], block.product[lane], block.low[lane], block.high[lane]};
}

struct Statistics {
    float mean;
    float var;
    float unbiased_var;
    float invstd;
};

Statistics normalization_of(const ChannelSums& sums, std::int64_t count, int exponent, float epsilon,
                            const std::array<Tensor*, 5>& outputs, std::int64_t c) {
    const auto elements = static_cast<double>(count);
    const Int128 spread = Int128{count} * sums.product - Int128{sums.sum} * sums.sum;
    const double mu = std::ldexp(static_cast<double>(sums.sum) / elements, exponent);
    const double v = std::ldexp(static_cast<double>(spread) / (elements * elements), 2 * exponent);
    Statistics s{};
    s.mean = rounded_fp32(mu, *outputs[1], c, "mean");
    s.var = rounded_fp32(v, *outputs[4], c, "variance");
    s.invstd = inverse_deviation(v, epsilon, *outputs[2], c);
    s.unbiased_var = count > 1 ? rounded_fp32(v * elements / (elements - 1.0), *outputs[4], c, "variance") : s.var;
    return s;
}

/// Widens `all` so that it holds both ends of a channel's output: y is monotone in x, so its extremes are those of x.
void include(TileSource::Extremes& all, const ChannelSums& x, float x_scale, const Affine& affine) {
    for (const std::int16_t end : {x.low, x.high}) {
        const float y = std::fma(static_cast<float>(end) * x_scale, affine.scale, affine.shift);
        all.low = std::min(all.low, y);
        all.high = std::max(all.high, y);
    }
}

}  // namespace

TileSource batch_norm_forward(const Execution& execution, const std::array<Tensor*, 5>& inputs,
                              const BatchNormParams& params, const std::array<Tensor*, 5>& outputs) {
    const Tensor& x = *inputs[0];
    const float momentum = params.momentum;
    const ChannelStatistics sums = statistics_of(execution, x, nullptr);
    const float x_scale = std::ldexp(1.0f, x.exponent);
    std::vector<float> scale = one_a_channel(x.layout);
    std::vector<float> shift = one_a_channel(x.layout);
    TileSource::Extremes extremes{0.0f, 0.0f};
    for (std::int64_t c = 0; c < x.layout.C; ++c) {
        const ChannelSums channel = of_channel(sums, c);
        const Statistics s =
            normalization_of(channel, x.layout.N * x.layout.HW, x.exponent, params.epsilon, outputs, c);
        const Affine affine = affine_of(s.mean, s.invstd, inputs[1]->fp32()[c], inputs[2]->fp32()[c], *outputs[0], c);
        const float old_mean = inputs[3]->fp32()[c];
        const float old_var = inputs[4]->fp32()[c];
        outputs[1]->fp32()[c] = s.mean;
        outputs[2]->fp32()[c] = s.invstd;
        outputs[3]->fp32()[c] = std::fma(momentum, s.mean - old_mean, old_mean);
        outputs[4]->fp32()[c] = std::fma(momentum, s.unbiased_var - old_var, old_var);
        scale[static_cast<std::size_t>(c)] = affine.scale;
        shift[static_cast<std::size_t>(c)] = affine.shift;
        include(extremes, channel, x_scale, affine);
    }
    return TileSource::affine(x, std::move(scale), std::move(shift), extremes);
}

TileSource batch_norm_inference(const std::array<Tensor*, 5>& inputs, const BatchNormParams& params, const Tensor& y) {
    const Tensor& x = *inputs[0];
    std::vector<float> scale = one_a_channel(x.layout);
    std::vector<float> shift = one_a_channel(x.layout);
    for (std::int64_t c = 0; c < x.layout.C; ++c) {
        const float invstd = inverse_deviation(double{inputs[4]->fp32()[c]}, params.epsilon, y, c);
        const Affine affine = affine_of(inputs[3]->fp32()[c], invstd, inputs[1]->fp32()[c], inputs[2]->fp32()[c], y, c);
        scale[static_cast<std::size_t>(c)] = affine.scale;
        shift[static_cast<std::size_t>(c)] = affine.shift;
    }
    return TileSource::affine(x, std::move(scale), std::move(shift), std::nullopt);
}

TileSource batch_norm_backward(const Execution& execution, const std::array<Tensor*, 5>& inputs,
                               const std::array<Tensor*, 3>& outputs) {
    const Tensor& x = *inputs[0];
    const Tensor& dy = *inputs[1];
    const ChannelStatistics sums = statistics_of(execution, dy, &x);
    const auto elements = static_cast<double>(x.layout.N * x.layout.HW);
    std::array<std::vector<float>, 3> factors = {one_a_channel(x.layout), one_a_channel(x.layout),
                                                 one_a_channel(x.layout)};
    for (std::int64_t channel = 0; channel < x.layout.C; ++channel) {
        const double gamma = inputs[2]->fp32()[channel];
        const double mean = inputs[3]->fp32()[channel];
        const double invstd = inputs[4]->fp32()[channel];
        const double db = std::ldexp(static_cast<double>(of_channel(sums, channel).sum), dy.exponent);
        const double q = std::ldexp(static_cast<double>(of_channel(sums, channel).product), dy.exponent + x.exponent);
        const double dg = (q - mean * db) * invstd;
        const double a = gamma * invstd;
        const double b = -((a * invstd) * (dg / elements));
        const double c = (-(a * (db / elements))) - b * mean;
        outputs[1]->fp32()[channel] = rounded_fp32(dg, *outputs[1], channel, "sum");
        outputs[2]->fp32()[channel] = rounded_fp32(db, *outputs[2], channel, "sum");
        const auto i = static_cast<std::size_t>(channel);
        factors[0][i] = rounded_fp32(a, *outputs[0], channel, "factor of channel");
        factors[1][i] = rounded_fp32(b, *outputs[0], channel, "factor of channel");
        factors[2][i] = rounded_fp32(c, *outputs[0], channel, "factor of channel");
    }
    return TileSource::gradient(dy, x, std::move(factors[0]), std::move(factors[1]), std::move(factors[2]));
}

}  // namespace dfp16::fast
