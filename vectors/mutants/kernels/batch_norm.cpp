// Batch norm: sums of a channel in one pass, then scale and shift in another.
#include <cmath>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"
#include "vectors/mutants/kernels/planes.h"

namespace dfp16::mutants {

namespace {

/// A 128-bit integer of two words: what M * B - A * A needs.
struct Wide {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    static Wide product(std::uint64_t a, std::uint64_t b) {
        const std::uint64_t a0 = a & 0xFFFFFFFFu;
        const std::uint64_t a1 = a >> 32;
        const std::uint64_t b0 = b & 0xFFFFFFFFu;
        const std::uint64_t b1 = b >> 32;
        const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
        const std::uint64_t other = a0 * b1 + (middle & 0xFFFFFFFFu);
        return {a * b, a1 * b1 + (middle >> 32) + (other >> 32)};
    }
    Wide operator-(const Wide& b) const { return {low - b.low, high - b.high - (low < b.low ? 1 : 0)}; }
    /// To nearest: all bits below the leading 64 become one sticky bit.
    double to_double() const {
        if (high == 0) return static_cast<double>(low);
        int shift = 0;
        while ((high >> shift) != 0) ++shift;
        std::uint64_t top = shift == 64 ? high : high << (64 - shift) | low >> shift;
        const std::uint64_t rest = shift == 64 ? low : low << (64 - shift);
        if (rest != 0) top |= 1;
        return std::ldexp(static_cast<double>(top), shift);
    }
};

struct Moments {
    double mean, variance;
};

double squares_less_square(std::int64_t M, std::int64_t A, std::int64_t B, Bug bug) {
    const auto magnitude = static_cast<std::uint64_t>(A < 0 ? -A : A);
    const auto count = static_cast<std::uint64_t>(M);
    if (bug == Bug::batch_norm_squares_in_64_bits) {
        return static_cast<double>(
            static_cast<std::int64_t>(count * static_cast<std::uint64_t>(B) - magnitude * magnitude));
    }
    if (bug == Bug::batch_norm_variance_in_fp64) {
        return static_cast<double>(M) * static_cast<double>(B) - static_cast<double>(A) * static_cast<double>(A);
    }
    return (Wide::product(count, static_cast<std::uint64_t>(B)) - Wide::product(magnitude, magnitude)).to_double();
}

Moments moments_of(const HostTensor& x, const PlaneSizes& sizes, std::size_t c, Bug bug) {
    std::int64_t A = 0;
    std::int64_t B = 0;
    float A_fp32 = 0.0f;
    float B_fp32 = 0.0f;
    for (std::size_t n = 0; n < sizes.N; ++n) {
        for (std::size_t i = 0; i < sizes.pixels; ++i) {
            const std::int64_t m = int16_at(x, sizes.at(n, c, i));
            A += m;
            B += m * m;
            A_fp32 += static_cast<float>(m);
            B_fp32 += static_cast<float>(m * m);
        }
    }
    const auto M = static_cast<double>(sizes.N * sizes.pixels);
    const int e = x.exponent.value;
    if (bug == Bug::batch_norm_sums_in_fp32) {
        const double mean = static_cast<double>(A_fp32) / M;
        const double variance = std::max(static_cast<double>(B_fp32) / M - mean * mean, 0.0);
        return {std::ldexp(mean, e), std::ldexp(variance, 2 * e)};
    }
    const double D = squares_less_square(static_cast<std::int64_t>(M), A, B, bug);
    return {std::ldexp(static_cast<double>(A) / M, e), std::ldexp(D / (M * M), 2 * e)};
}

float inverse_deviation(double variance, float epsilon, Bug bug) {
    if (bug == Bug::batch_norm_epsilon_outside) {
        return static_cast<float>(1.0 / (std::sqrt(variance) + static_cast<double>(epsilon)));
    }
    if (bug == Bug::batch_norm_deviation_in_fp32) return 1.0f / std::sqrt(static_cast<float>(variance) + epsilon);
    return static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(epsilon)));
}

struct Channel {
    float mean, invstd, gamma, beta;
};

void normalize(const HostTensor& x, const PlaneSizes& sizes, std::size_t c, const Channel& channel, Bug bug,
               HostTensor& y) {
    const double a = static_cast<double>(channel.gamma) * static_cast<double>(channel.invstd);
    const auto scale = static_cast<float>(a);
    const auto shift = static_cast<float>(static_cast<double>(channel.beta) - static_cast<double>(channel.mean) * a);
    for (std::size_t n = 0; n < sizes.N; ++n) {
        for (std::size_t i = 0; i < sizes.pixels; ++i) {
            const std::size_t at = sizes.at(n, c, i);
            const float value = scaled(int16_at(x, at), x.exponent.value);
            float& result = y.fp32()[at];
            if (bug == Bug::batch_norm_scale_not_fused) {
                result = value * scale + shift;
            } else if (bug == Bug::batch_norm_subtracts_mean_first) {
                result = (value - channel.mean) * scale + channel.beta;
            } else {
                result = std::fma(value, scale, shift);
            }
        }
    }
}

float updated(float momentum, float value, float running, Bug bug) {
    if (bug == Bug::batch_norm_momentum_swapped) return std::fma(1.0f - momentum, value - running, running);
    if (bug == Bug::batch_norm_running_not_fused) return momentum * value + (1.0f - momentum) * running;
    return std::fma(momentum, value - running, running);
}

}  // namespace

void batch_norm_forward(const Call& call) {
    const auto& p = std::get<BatchNormParams>(call.params);
    const HostTensor& x = *call.in[0];
    const PlaneSizes sizes(x.shape);
    const auto M = static_cast<double>(sizes.N * sizes.pixels);
    for (std::size_t c = 0; c < sizes.C; ++c) {
        const Moments moments = moments_of(x, sizes, c, call.bug);
        const auto mean = static_cast<float>(moments.mean);
        const float invstd = inverse_deviation(moments.variance, p.epsilon, call.bug);
        call.out[1]->fp32()[c] = mean;
        call.out[2]->fp32()[c] = invstd;
        const bool biased = M <= 1.0 || call.bug == Bug::batch_norm_running_variance_biased;
        const auto variance = static_cast<float>(biased ? moments.variance : moments.variance * M / (M - 1.0));
        float& running_mean = call.out[3]->fp32()[c];
        float& running_var = call.out[4]->fp32()[c];
        running_mean = updated(p.momentum, mean, running_mean, call.bug);
        running_var = updated(p.momentum, variance, running_var, call.bug);
        normalize(x, sizes, c, {mean, invstd, call.in[1]->fp32()[c], call.in[2]->fp32()[c]}, call.bug, *call.out[0]);
    }
}

void batch_norm_inference(const Call& call) {
    const auto& p = std::get<BatchNormParams>(call.params);
    const HostTensor& x = *call.in[0];
    const PlaneSizes sizes(x.shape);
    for (std::size_t c = 0; c < sizes.C; ++c) {
        const float invstd = inverse_deviation(static_cast<double>(call.in[4]->fp32()[c]), p.epsilon, call.bug);
        const Channel channel{call.in[3]->fp32()[c], invstd, call.in[1]->fp32()[c], call.in[2]->fp32()[c]};
        normalize(x, sizes, c, channel, call.bug, *call.out[0]);
    }
}

namespace {

struct Gradient {
    double db, q;
};

Gradient sums_of(const HostTensor& x, const HostTensor& dy, const PlaneSizes& sizes, std::size_t c, Bug bug) {
    std::int64_t A = 0;
    std::int64_t B = 0;
    const std::size_t images =
        bug == Bug::batch_norm_backward_last_image_missing && sizes.N > 1 ? sizes.N - 1 : sizes.N;
    for (std::size_t n = 0; n < images; ++n) {
        for (std::size_t i = 0; i < sizes.pixels; ++i) {
            const std::size_t at = sizes.at(n, c, i);
            A += int16_at(dy, at);
            B += std::int64_t{int16_at(dy, at)} * int16_at(x, at);
        }
    }
    if (bug == Bug::batch_norm_backward_sums_in_int32) B = static_cast<std::int32_t>(static_cast<std::uint32_t>(B));
    return {std::ldexp(static_cast<double>(A), dy.exponent.value),
            std::ldexp(static_cast<double>(B), dy.exponent.value + x.exponent.value)};
}

}  // namespace

void batch_norm_backward(const Call& call) {
    const HostTensor& x = *call.in[0];
    const HostTensor& dy = *call.in[1];
    const PlaneSizes sizes(x.shape);
    const auto M = static_cast<double>(sizes.N * sizes.pixels);
    for (std::size_t channel = 0; channel < sizes.C; ++channel) {
        const auto invstd = static_cast<double>(call.in[4]->fp32()[channel]);
        const auto mean = static_cast<double>(call.in[3]->fp32()[channel]);
        const Gradient sums = sums_of(x, dy, sizes, channel, call.bug);
        const double dg = (sums.q - mean * sums.db) * invstd;
        call.out[1]->fp32()[channel] = static_cast<float>(dg);
        call.out[2]->fp32()[channel] = static_cast<float>(sums.db);
        const double a = static_cast<double>(call.in[2]->fp32()[channel]) * invstd;
        const double b = -((a * invstd) * (dg / M));
        double c = (-(a * (sums.db / M))) - b * mean;
        if (call.bug == Bug::batch_norm_backward_mean_term_missing) c = -(a * (sums.db / M));
        const auto af = static_cast<float>(a);
        const auto bf = static_cast<float>(b);
        const auto cf = static_cast<float>(c);
        for (std::size_t n = 0; n < sizes.N; ++n) {
            for (std::size_t i = 0; i < sizes.pixels; ++i) {
                const std::size_t at = sizes.at(n, channel, i);
                const float inner = std::fma(scaled(int16_at(x, at), x.exponent.value), bf, cf);
                call.out[0]->fp32()[at] = std::fma(scaled(int16_at(dy, at), dy.exponent.value), af, inner);
            }
        }
    }
}

}  // namespace dfp16::mutants
