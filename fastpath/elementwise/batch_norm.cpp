#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "fastpath/elementwise/channel_sums.h"
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

/// The sums of every image and channel.
class ImageSums {
public:
    ImageSums(const Execution& execution, const Tensor& x)
        : layout_(x.layout), planes_(static_cast<std::size_t>(layout_.N * layout_.blocks())) {
        for_planes(execution.pool, layout_, [&](std::int64_t plane) {
            execution.kernels.batch_norm_sums(x.fp32() + plane * layout_.HW * kBlock, layout_.HW,
                                              &planes_[static_cast<std::size_t>(plane)]);
        });
    }
    /// The tree over images of one of the two sums.
    double tree(const float (BatchNormSums::*sums)[kLanes], std::int64_t c) const {
        std::vector<double> images(static_cast<std::size_t>(layout_.N));
        for (std::int64_t n = 0; n < layout_.N; ++n) images[static_cast<std::size_t>(n)] = (at(n, c).*sums)[c % kBlock];
        return tree_sum(std::move(images));
    }
    TileSource::Extremes extremes(std::int64_t c) const {
        TileSource::Extremes extremes = {at(0, c).low[c % kBlock], at(0, c).high[c % kBlock]};
        for (std::int64_t n = 1; n < layout_.N; ++n) {
            extremes.low = std::min(extremes.low, at(n, c).low[c % kBlock]);
            extremes.high = std::max(extremes.high, at(n, c).high[c % kBlock]);
        }
        return extremes;
    }

private:
    const BatchNormSums& at(std::int64_t n, std::int64_t c) const {
        return planes_[static_cast<std::size_t>(n * layout_.blocks() + c / kBlock)];
    }

    Layout layout_;
    std::vector<BatchNormSums> planes_;
};

struct Statistics {
    float mean;
    float var;
    float unbiased_var;
    float invstd;
};

Statistics statistics_of(const ImageSums& sums, double elements, float epsilon, const std::array<Tensor*, 5>& outputs,
                         std::int64_t c) {
    const double mu = sums.tree(&BatchNormSums::sum, c) / elements;
    double v = sums.tree(&BatchNormSums::square, c) / elements - mu * mu;
    if (v < 0.0) v = 0.0;
    Statistics s{};
    s.mean = rounded_fp32(mu, *outputs[1], c, "mean");
    s.var = rounded_fp32(v, *outputs[4], c, "variance");
    s.invstd = inverse_deviation(v, epsilon, *outputs[2], c);
    s.unbiased_var = elements > 1.0 ? rounded_fp32(v * elements / (elements - 1.0), *outputs[4], c, "variance") : s.var;
    return s;
}

/// Widens `all` so that it holds both ends of a channel's output: y is monotone in x, so its extremes are those of x.
void include(TileSource::Extremes& all, const TileSource::Extremes& x, const Affine& affine) {
    for (const float end :
         {std::fma(x.low, affine.scale, affine.shift), std::fma(x.high, affine.scale, affine.shift)}) {
        all.low = std::min(all.low, end);
        all.high = std::max(all.high, end);
    }
}

}  // namespace

TileSource batch_norm_forward(const Execution& execution, const std::array<Tensor*, 5>& inputs,
                              const BatchNormParams& params, const std::array<Tensor*, 5>& outputs) {
    Tensor& x = *inputs[0];
    const float momentum = params.momentum;
    const ImageSums sums(execution, x);
    const auto elements = static_cast<double>(x.layout.N * x.layout.HW);
    std::vector<float> scale = one_a_channel(x.layout);
    std::vector<float> shift = one_a_channel(x.layout);
    TileSource::Extremes of_x{0.0f, 0.0f};
    TileSource::Extremes of_y{0.0f, 0.0f};
    for (std::int64_t c = 0; c < x.layout.C; ++c) {
        const Statistics s = statistics_of(sums, elements, params.epsilon, outputs, c);
        const Affine affine = affine_of(s.mean, s.invstd, inputs[1]->fp32()[c], inputs[2]->fp32()[c], *outputs[0], c);
        const float old_mean = inputs[3]->fp32()[c];
        const float old_var = inputs[4]->fp32()[c];
        outputs[1]->fp32()[c] = s.mean;
        outputs[2]->fp32()[c] = s.invstd;
        outputs[3]->fp32()[c] = std::fma(momentum, s.mean - old_mean, old_mean);
        outputs[4]->fp32()[c] = std::fma(momentum, s.unbiased_var - old_var, old_var);
        scale[static_cast<std::size_t>(c)] = affine.scale;
        shift[static_cast<std::size_t>(c)] = affine.shift;
        const TileSource::Extremes of_channel = sums.extremes(c);
        include(of_x, of_channel, {1.0f, 0.0f});
        include(of_y, of_channel, affine);
    }
    x.max_magnitude = std::bit_cast<std::uint32_t>(std::max(std::fabs(of_x.low), std::fabs(of_x.high)));
    return TileSource::affine(x, std::move(scale), std::move(shift), of_y);
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
    const std::int64_t plane_elements = x.layout.HW * kBlock;
    PlaneSums sums(x.layout);
    PlaneSums products(x.layout);
    for_planes(execution.pool, x.layout, [&](std::int64_t plane) {
        execution.kernels.batch_norm_products(dy.mantissas() + plane * plane_elements,
                                              x.mantissas() + plane * plane_elements, x.layout.HW, sums.of_plane(plane),
                                              products.of_plane(plane));
    });
    const auto elements = static_cast<double>(x.layout.N * x.layout.HW);
    std::array<std::vector<float>, 3> factors = {one_a_channel(x.layout), one_a_channel(x.layout),
                                                 one_a_channel(x.layout)};
    for (std::int64_t channel = 0; channel < x.layout.C; ++channel) {
        const double gamma = inputs[2]->fp32()[channel];
        const double mean = inputs[3]->fp32()[channel];
        const double invstd = inputs[4]->fp32()[channel];
        const double db = std::ldexp(static_cast<double>(sums.of_channel(channel)), dy.exponent);
        const double q = std::ldexp(static_cast<double>(products.of_channel(channel)), dy.exponent + x.exponent);
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
