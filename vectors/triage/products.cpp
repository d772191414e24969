#include "vectors/triage/products.h"

#include <algorithm>
#include <limits>

#include "sim/accumulate.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

using Visit = std::function<void(std::size_t, std::size_t, std::size_t)>;

void visit_gemm(const GemmParams& p, const Visit& visit) {
    for (std::int64_t m = 0; m < p.M; ++m) {
        for (std::int64_t n = 0; n < p.N; ++n) {
            for (std::int64_t k = 0; k < p.K; ++k) {
                visit(static_cast<std::size_t>(m * p.N + n), static_cast<std::size_t>(m * p.K + k),
                      static_cast<std::size_t>(k * p.N + n));
            }
        }
    }
}

/// Which of x, w and y (or dx, dw, dy) is the output, a and b of each pass.
void visit_pass(OpKind op, std::int64_t x, std::int64_t w, std::int64_t y, const Visit& visit) {
    const auto [out, a, b] = op == OpKind::conv_forward || op == OpKind::fc_forward               ? std::array{y, x, w}
                             : op == OpKind::conv_backward_data || op == OpKind::fc_backward_data ? std::array{x, y, w}
                                                                                                  : std::array{w, x, y};
    visit(static_cast<std::size_t>(out), static_cast<std::size_t>(a), static_cast<std::size_t>(b));
}

void visit_fc(OpKind op, const FcParams& p, const Visit& visit) {
    for (std::int64_t n = 0; n < p.N; ++n) {
        for (std::int64_t k = 0; k < p.K; ++k) {
            for (std::int64_t c = 0; c < p.C; ++c) visit_pass(op, n * p.C + c, k * p.C + c, n * p.K + k, visit);
        }
    }
}

/// All taps of one output channel and one of its input channels, of one image.
void visit_plane(OpKind op, const ConvParams& p, std::int64_t n, std::int64_t k, std::int64_t i, const Visit& visit) {
    const std::int64_t channels = p.C / p.groups;
    const std::int64_t c = k / (p.K / p.groups) * channels + i;
    for (std::int64_t index = 0; index < p.P * p.Q * p.R * p.S; ++index) {
        const std::int64_t s = index % p.S;
        const std::int64_t r = index / p.S % p.R;
        const std::int64_t pq = index / (p.S * p.R);
        const std::int64_t h = pq / p.Q * p.stride[0] - p.pad[0] + r;
        const std::int64_t w = pq % p.Q * p.stride[1] - p.pad[1] + s;
        if (h < 0 || h >= p.H || w < 0 || w >= p.W) continue;
        visit_pass(op, ((n * p.C + c) * p.H + h) * p.W + w, ((k * channels + i) * p.R + r) * p.S + s,
                   (n * p.K + k) * p.P * p.Q + pq, visit);
    }
}

void visit_conv(OpKind op, const ConvParams& p, const Visit& visit) {
    for (std::int64_t n = 0; n < p.N; ++n) {
        for (std::int64_t k = 0; k < p.K; ++k) {
            for (std::int64_t i = 0; i < p.C / p.groups; ++i) visit_plane(op, p, n, k, i, visit);
        }
    }
}

}  // namespace

bool for_each_product(const CaseHeader& header, const Visit& visit) {
    if (const auto* gemm = std::get_if<GemmParams>(&header.params)) {
        if (gemm->accumulation.policy == Policy::fma) return false;
        visit_gemm(*gemm, visit);
        return true;
    }
    if (const auto* conv = std::get_if<ConvParams>(&header.params)) {
        if (conv->accumulation.policy == Policy::fma) return false;
        visit_conv(header.op, *conv, visit);
        return true;
    }
    if (const auto* fc = std::get_if<FcParams>(&header.params)) {
        if (fc->accumulation.policy == Policy::fma) return false;
        visit_fc(header.op, *fc, visit);
        return true;
    }
    return false;
}

std::vector<std::int64_t> sums_of(const CaseHeader& header, const std::vector<std::int64_t>& a,
                                  const std::vector<std::int64_t>& b, std::size_t outputs) {
    std::vector<std::uint64_t> sums(outputs);
    const bool products = for_each_product(header, [&](std::size_t out, std::size_t i, std::size_t j) {
        sums[out] += static_cast<std::uint64_t>(a[i]) * static_cast<std::uint64_t>(b[j]);
    });
    if (!products) return {};
    return {sums.begin(), sums.end()};
}

std::vector<std::int64_t> integers_of(const HostTensor& tensor) {
    std::vector<std::int64_t> values;
    for (const Mantissa mantissa : tensor.mantissas()) values.push_back(mantissa.value);
    return values;
}

std::vector<HostTensor> results_of(const Case& golden_case, const HostTensor& expected,
                                   const std::vector<std::int64_t>& sums) {
    HostTensor result = expected;
    const int k = golden_case.inputs[0].exponent.value + golden_case.inputs[1].exponent.value;
    OpParams params = golden_case.params;
    const Policy policy = std::visit(
        [](const auto& p) {
            if constexpr (requires { p.accumulation; }) return p.accumulation.policy;
            return Policy::chain;
        },
        params);
    if (sums.empty() || policy == Policy::chain) return {};
    try {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (policy == Policy::exact) {
                result.fp32()[i] = scale_exact(sums[i], k);
            } else if (policy == Policy::wrap) {
                result.accumulators()[i].value = static_cast<std::int32_t>(sums[i]);
            } else {
                constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min();
                constexpr std::int64_t kHigh = std::numeric_limits<std::int32_t>::max();
                result.accumulators()[i].value = static_cast<std::int32_t>(std::clamp(sums[i], kLow, kHigh));
            }
        }
    } catch (const InputError&) {
        return {};
    }
    return {result};
}

}  // namespace dfp16
