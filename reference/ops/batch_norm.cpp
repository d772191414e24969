#include "reference/ops/batch_norm.h"

#include <cmath>
#include <cstdint>

#include "reference/ops/planes.h"
#include "sim/dequantize.h"
#include "sim/rn32.h"

namespace dfp16 {

namespace {

__extension__ typedef __int128 Int128;

/// Elements of a channel.
double count_of(const Planes& planes) {
    return static_cast<double>(planes.N * planes.pixels);
}

struct Moments {
    double mean;
    double variance;
};

Moments moments_of(const HostTensor& x, const Planes& planes, std::size_t c) {
    std::int64_t A = 0;
    std::int64_t B = 0;
    for (std::size_t n = 0; n < planes.N; ++n) {
        for (std::size_t i = 0; i < planes.pixels; ++i) {
            const std::int64_t m = x.mantissas()[planes.first(n, c) + i].value;
            A += m;
            B += m * m;
        }
    }
    const auto M = static_cast<std::int64_t>(planes.N * planes.pixels);
    const auto D = static_cast<double>(Int128{M} * B - Int128{A} * A);
    const auto count = static_cast<double>(M);
    return {std::ldexp(static_cast<double>(A) / count, x.exponent.value),
            std::ldexp(D / (count * count), 2 * x.exponent.value)};
}

void normalize(const HostTensor& x, const Planes& planes, std::size_t c, float mean, float invstd, float gamma,
               float beta, HostTensor& y) {
    const double a = static_cast<double>(gamma) * static_cast<double>(invstd);
    const float scale = rn32(a);
    const float shift = rn32(static_cast<double>(beta) - static_cast<double>(mean) * a);
    for (std::size_t n = 0; n < planes.N; ++n) {
        for (std::size_t i = 0; i < planes.pixels; ++i) {
            const std::size_t at = planes.first(n, c) + i;
            y.fp32()[at] = std::fma(dequantize(x.mantissas()[at], x.exponent), scale, shift);
        }
    }
}

float inverse_deviation(double variance, float epsilon) {
    return rn32(1.0 / std::sqrt(variance + static_cast<double>(epsilon)));
}

}  // namespace

void batch_norm_forward(const BatchNormParams& params, const HostTensor& x, const HostTensor& gamma,
                        const HostTensor& beta, HostTensor& y, HostTensor& mean, HostTensor& invstd,
                        HostTensor& running_mean, HostTensor& running_var, GoldenContext& context) {
    const Planes planes(x.shape);
    const double M = count_of(planes);
    for_each_plane(context, planes.C, [&](std::size_t c) {
        const Moments moments = moments_of(x, planes, c);
        mean.fp32()[c] = rn32(moments.mean);
        const float variance = rn32(moments.variance);
        invstd.fp32()[c] = inverse_deviation(moments.variance, params.epsilon);
        const float unbiased = M > 1.0 ? rn32(moments.variance * M / (M - 1.0)) : variance;
        float& running = running_mean.fp32()[c];
        running = std::fma(params.momentum, mean.fp32()[c] - running, running);
        float& running_variance = running_var.fp32()[c];
        running_variance = std::fma(params.momentum, unbiased - running_variance, running_variance);
        normalize(x, planes, c, mean.fp32()[c], invstd.fp32()[c], gamma.fp32()[c], beta.fp32()[c], y);
    });
}

void batch_norm_inference(const BatchNormParams& params, const HostTensor& x, const HostTensor& gamma,
                          const HostTensor& beta, const HostTensor& running_mean, const HostTensor& running_var,
                          HostTensor& y, GoldenContext& context) {
    const Planes planes(x.shape);
    for_each_plane(context, planes.C, [&](std::size_t c) {
        const float invstd = inverse_deviation(static_cast<double>(running_var.fp32()[c]), params.epsilon);
        normalize(x, planes, c, running_mean.fp32()[c], invstd, gamma.fp32()[c], beta.fp32()[c], y);
    });
}

void batch_norm_backward(const HostTensor& x, const HostTensor& dy, const HostTensor& gamma, const HostTensor& mean,
                         const HostTensor& invstd, HostTensor& dx, HostTensor& dgamma, HostTensor& dbeta,
                         GoldenContext& context) {
    const Planes planes(x.shape);
    const double M = count_of(planes);
    for_each_plane(context, planes.C, [&](std::size_t channel) {
        std::int64_t A = 0;
        std::int64_t B = 0;
        for (std::size_t n = 0; n < planes.N; ++n) {
            for (std::size_t i = 0; i < planes.pixels; ++i) {
                const std::size_t at = planes.first(n, channel) + i;
                A += dy.mantissas()[at].value;
                B += std::int64_t{dy.mantissas()[at].value} * x.mantissas()[at].value;
            }
        }
        const auto deviation = static_cast<double>(invstd.fp32()[channel]);
        const auto center = static_cast<double>(mean.fp32()[channel]);
        const double db = std::ldexp(static_cast<double>(A), dy.exponent.value);
        const double q = std::ldexp(static_cast<double>(B), dy.exponent.value + x.exponent.value);
        const double dg = (q - center * db) * deviation;
        dbeta.fp32()[channel] = rn32(db);
        dgamma.fp32()[channel] = rn32(dg);
        const double a = static_cast<double>(gamma.fp32()[channel]) * deviation;
        const double b = -((a * deviation) * (dg / M));
        const double c = (-(a * (db / M))) - b * center;
        const float af = rn32(a);
        const float bf = rn32(b);
        const float cf = rn32(c);
        for (std::size_t n = 0; n < planes.N; ++n) {
            for (std::size_t i = 0; i < planes.pixels; ++i) {
                const std::size_t at = planes.first(n, channel) + i;
                dx.fp32()[at] = std::fma(dequantize(dy.mantissas()[at], dy.exponent), af,
                                         std::fma(dequantize(x.mantissas()[at], x.exponent), bf, cf));
            }
        }
    });
}

}  // namespace dfp16
