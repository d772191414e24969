#include "tools/bench/convolution.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace dfp16::bench {

namespace {

std::int64_t blocked_elements(std::int64_t n, std::int64_t channels, std::int64_t height, std::int64_t width) {
    return n * ((channels + 15) / 16) * 16 * height * width;
}

std::vector<std::int16_t> blocked_mantissas(std::int64_t n, std::int64_t channels, std::int64_t height,
                                            std::int64_t width, unsigned seed) {
    std::vector<std::int16_t> mantissas = gaussian_mantissas(blocked_elements(n, channels, height, width), seed);
    const std::int64_t blocks = (channels + 15) / 16;
    if (channels % 16 == 0) return mantissas;
    for (std::size_t i = 0; i < mantissas.size(); ++i) {
        const std::int64_t place = static_cast<std::int64_t>(i);
        const std::int64_t block = place / (height * width * 16) % blocks;
        if (block * 16 + place % 16 >= channels) mantissas[i] = 0;
    }
    return mantissas;
}

// One period of a prime length serves any count: what a kernel does depends on no value. Drawn once.
const std::vector<std::int16_t>& drawn_mantissas(unsigned seed) {
    constexpr std::size_t period = 1000003;
    static std::map<unsigned, std::vector<std::int16_t>> drawn;
    std::vector<std::int16_t>& mantissas = drawn[seed];
    if (!mantissas.empty()) return mantissas;
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, 1800.0f);
    mantissas.resize(period);
    for (std::int16_t& mantissa : mantissas) {
        mantissa = static_cast<std::int16_t>(std::clamp(std::nearbyint(normal(random)), -8191.0f, 8191.0f));
    }
    return mantissas;
}

/// Whether the activations come from a ReLU: all but images do.
bool rectified(const ConvParams& conv, Pass pass) {
    return pass != Pass::backward_data && conv.C > 3;
}

}  // namespace

const char* name_of(Pass pass) {
    switch (pass) {
        case Pass::forward: return "forward";
        case Pass::backward_data: return "backward_data";
        case Pass::weight_gradient: return "weight_gradient";
    }
    return "";
}

std::vector<std::int16_t> gaussian_mantissas(std::int64_t count, unsigned seed) {
    const std::vector<std::int16_t>& drawn = drawn_mantissas(seed);
    std::vector<std::int16_t> result(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = drawn[i % drawn.size()];
    return result;
}

double macs_of(const ConvParams& conv) {
    return static_cast<double>(conv.N * conv.K * conv.P * conv.Q) *
           static_cast<double>(conv.C / conv.groups * conv.R * conv.S);
}

ConvParams conv_3x3(std::int64_t images) {
    ConvParams conv;
    conv.N = images;
    conv.C = conv.K = 64;
    conv.H = conv.W = conv.P = conv.Q = 56;
    conv.R = conv.S = 3;
    conv.pad = {1, 1};
    return conv;
}

Convolution::Convolution(const ConvParams& conv, Pass pass) : conv_(conv), pass_(pass) {
    const std::int64_t weights = conv.K * (conv.C / conv.groups) * conv.R * conv.S;
    std::int64_t results = weights;
    if (pass == Pass::forward) {
        results = blocked_elements(conv.N, conv.K, conv.P, conv.Q);
    } else if (pass == Pass::backward_data) {
        results = blocked_elements(conv.N, conv.C, conv.H, conv.W);
    }
    std::vector<std::int16_t> first = pass == Pass::backward_data
                                          ? blocked_mantissas(conv.N, conv.K, conv.P, conv.Q, 1)
                                          : blocked_mantissas(conv.N, conv.C, conv.H, conv.W, 1);
    if (rectified(conv, pass)) {
        for (std::int16_t& mantissa : first) mantissa = std::max<std::int16_t>(mantissa, 0);
    }
    const std::vector<std::int16_t> second = pass == Pass::weight_gradient
                                                 ? blocked_mantissas(conv.N, conv.K, conv.P, conv.Q, 2)
                                                 : gaussian_mantissas(weights, 2);
    const std::size_t first_bytes = fast::aligned_size(2 * first.size());
    const std::size_t second_bytes = fast::aligned_size(2 * second.size());
    const std::size_t bytes = first_bytes + second_bytes + 4 * static_cast<std::size_t>(results);
    memory_ = fast::AlignedBuffer(std::max(bytes, fast::kLargePage));
    first_ = memory_.data();
    second_ = first_ + first_bytes;
    result_ = second_ + second_bytes;
    std::memcpy(first_, first.data(), 2 * first.size());
    std::memcpy(second_, second.data(), 2 * second.size());
}

void Convolution::run(const fast::Products& products) {
    const bool integers = conv_.accumulation.policy == Policy::wrap || conv_.accumulation.policy == Policy::saturate;
    const bool quantized = pass_ != Pass::weight_gradient && fast::may_quantize(conv_, pass_ == Pass::forward);
    quantized_.forecast = &forecast_;
    quantized_.mantissas = reinterpret_cast<std::int16_t*>(result_);
    const fast::Result out{integers || quantized ? nullptr : reinterpret_cast<float*>(result_),
                           integers ? reinterpret_cast<std::int32_t*>(result_) : nullptr, nullptr,
                           quantized ? &quantized_ : nullptr, &wide_sums_};
    // As a step knows its operands: with a bound on their magnitudes.
    const fast::Operand first{reinterpret_cast<const std::int16_t*>(first_), -13, 8191, rectified(conv_, pass_)};
    const fast::Operand second{reinterpret_cast<const std::int16_t*>(second_), -13, 8191};
    switch (pass_) {
        case Pass::forward: return conv_forward(products, conv_, first, second, out);
        case Pass::backward_data: return conv_backward_data(products, conv_, first, second, out);
        case Pass::weight_gradient: return conv_weight_gradient(products, conv_, first, second, out);
    }
}

}  // namespace dfp16::bench
