// Softmax cross-entropy, row by row, with exp and log by polynomials.
#include <algorithm>
#include <bit>
#include <cmath>

#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

namespace {

float exponential(float x, Bug bug) {
    if (bug == Bug::softmax_exp_of_library)
        return x < -87.0f ? 0.0f : static_cast<float>(std::exp(static_cast<double>(x)));
    const float end = bug == Bug::softmax_exp_goes_on_below_87 ? -87.3f : -87.0f;
    if (x < end) return 0.0f;
    const float n = std::nearbyint(x * 1.44269504f);
    float r = 0.0f;
    if (bug == Bug::softmax_exp_reduces_in_one_step) {
        r = std::fma(-n, 0.69314718f, x);
    } else {
        r = std::fma(-n, 0x1.7f7d1cp-20f, std::fma(-n, 0x1.62e4p-1f, x));
    }
    constexpr float kCoefficients[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
    float p = bug == Bug::softmax_exp_one_term_short ? 0.0f : 1.0f / 5040;
    for (const float c : kCoefficients) p = std::fma(p, r, c);
    return std::ldexp(p, static_cast<int>(n));
}

float logarithm(float x, Bug bug) {
    if (bug == Bug::softmax_log_of_library) return static_cast<float>(std::log(static_cast<double>(x)));
    const auto bits = std::bit_cast<std::uint32_t>(x);
    int k = static_cast<int>(bits >> 23) - 127;
    auto m = std::bit_cast<float>((bits & 0x7FFFFFu) | 0x3F800000u);
    if (m > 0x1.6a09e6p0f) {
        m = m / 2;
        ++k;
    }
    const float f = m - 1.0f;
    const float t = f / (2.0f + f);
    const float u = t * t;
    float p = 2.0f / 9;
    for (const float c : {2.0f / 7, 2.0f / 5, 2.0f / 3}) p = std::fma(p, u, c);
    return std::fma(static_cast<float>(k), 0.69314718f, std::fma(t * u, p, t + t));
}

/// The sum of a row, in order; a vector kernel is tempted to keep 16 sums.
float sum_of(const float* d, std::size_t count, Bug bug) {
    if (bug != Bug::softmax_sums_in_lanes) {
        float sum = 0.0f;
        for (std::size_t j = 0; j < count; ++j) sum = sum + d[j];
        return sum;
    }
    float lanes[kLanes] = {};
    for (std::size_t j = 0; j < count; ++j) lanes[j % kLanes] += d[j];
    float sum = 0.0f;
    for (const float lane : lanes) sum += lane;
    return sum;
}

/// Neighbours added until one is left.
float tree(std::vector<float> v, Bug bug) {
    if (bug == Bug::softmax_loss_summed_in_order) {
        float sum = 0.0f;
        for (const float loss : v) sum = sum + loss;
        return sum;
    }
    while (v.size() > 1) {
        std::vector<float> next;
        for (std::size_t i = 0; i + 1 < v.size(); i += 2) next.push_back(v[i] + v[i + 1]);
        if (v.size() % 2 == 1) next.push_back(v.back());
        v = next;
    }
    return v[0];
}

/// The largest of a row, lane by lane from a start.
float largest_of(const float* z, std::size_t count, Bug bug) {
    float top = bug == Bug::softmax_maximum_starts_at_zero ? 0.0f : z[0];
    for (std::size_t j = 0; j < count; ++j) top = z[j] > top ? z[j] : top;
    return top;
}

}  // namespace

void softmax_forward(const Call& call) {
    const auto N = static_cast<std::size_t>(call.in[0]->shape[0]);
    const auto K = static_cast<std::size_t>(call.in[0]->shape[1]);
    const float* z = call.in[0]->fp32().data();
    float* p = call.out[0]->fp32().data();
    std::vector<float> losses(N);
    for (std::size_t n = 0; n < N; ++n, z += K, p += K) {
        const float top = largest_of(z, K, call.bug);
        for (std::size_t j = 0; j < K; ++j) p[j] = exponential(std::min(z[j] - top, 0.0f), call.bug);
        const float sum = sum_of(p, K, call.bug);
        const float reciprocal = 1.0f / sum;
        for (std::size_t j = 0; j < K; ++j) {
            p[j] = call.bug == Bug::softmax_multiplies_by_reciprocal ? p[j] * reciprocal : p[j] / sum;
        }
        const auto label = static_cast<std::size_t>(call.in[1]->labels()[n].value);
        losses[n] = logarithm(sum, call.bug) - (z[label] - top);
        if (call.bug == Bug::softmax_loss_from_probability)
            losses[n] = -static_cast<float>(std::log(static_cast<double>(p[label])));
    }
    call.out[1]->fp32()[0] = tree(losses, call.bug) / static_cast<float>(N);
}

void softmax_backward(const Call& call) {
    const float weight = std::get<LossParams>(call.params).weight;
    const HostTensor& p = *call.in[0];
    const auto N = static_cast<std::size_t>(p.shape[0]);
    const auto K = static_cast<std::size_t>(p.shape[1]);
    const float count = static_cast<float>(N);
    for (std::size_t i = 0; i < N * K; ++i) {
        const auto label = static_cast<std::size_t>(call.in[1]->labels()[i / K].value);
        const float difference = p.fp32()[i] - (i % K == label ? 1.0f : 0.0f);
        float dz = difference / count * weight;
        if (call.bug == Bug::softmax_backward_weight_over_count) dz = difference * (weight / count);
        if (call.bug == Bug::softmax_backward_weight_ignored) dz = difference / count;
        call.out[0]->fp32()[i] = dz;
    }
}

}  // namespace dfp16::mutants
