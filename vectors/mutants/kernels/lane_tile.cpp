#include "vectors/mutants/kernels/lane_tile.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace dfp16::mutants {

namespace {

using Limits = std::numeric_limits<std::int32_t>;

std::int64_t largest(const HostTensor& tensor) {
    std::int64_t result = 0;
    for (const Mantissa m : tensor.mantissas())
        result = std::max<std::int64_t>(result, std::abs(std::int64_t{m.value}));
    return result;
}

/// Pairs whose sum cannot leave INT32.
std::int64_t certain_pairs(const HostTensor& a, const HostTensor& b) {
    const std::int64_t pair = 2 * largest(a) * largest(b);
    return pair == 0 ? Limits::max() : Limits::max() / pair;
}

std::int64_t length_of(Bug bug, const Accumulation& how, const HostTensor& a, const HostTensor& b) {
    switch (how.policy) {
        case Policy::exact:
            if (bug == Bug::exact_chains_of_64) return 64;
            return certain_pairs(a, b) + (bug == Bug::exact_chain_one_too_long ? 1 : 0);
        case Policy::chain: return how.chain + (bug == Bug::chain_one_too_long ? 1 : 0);
        default: return Limits::max();
    }
}

std::int64_t clamp_int32(std::int64_t v, Bug bug) {
    if (bug == Bug::saturate_upper_end_only) {
        return v > Limits::max() ? Limits::max() : static_cast<std::int32_t>(static_cast<std::uint32_t>(v));
    }
    return std::clamp<std::int64_t>(v, Limits::min(), Limits::max());
}

/// The FP32 number toward zero.
float toward_zero(double v) {
    const auto nearest = static_cast<float>(v);
    return std::fabs(static_cast<double>(nearest)) > std::fabs(v) ? std::nextafter(nearest, 0.0f) : nearest;
}

}  // namespace

float scaled(std::int64_t S, int k) {
    return static_cast<float>(std::ldexp(static_cast<double>(S), k));
}

LaneTile<std::int16_t>::LaneTile(Bug bug, const Accumulation& how, const HostTensor& a, const HostTensor& b)
    : bug_(bug),
      policy_(how.policy),
      length_(length_of(bug, how, a, b)),
      exponent_(a.exponent.value + b.exponent.value) {}

void LaneTile<std::int16_t>::start() {
    pairs_ = 0;
    chain_ = {};
    wide_ = {};
    if (bug_ == Bug::accumulators_not_cleared) return;
    spilled_ = {};
    spilled_fp32_ = {};
}

void LaneTile<std::int16_t>::pair(std::int16_t a0, std::int16_t a1, const std::int16_t* b, bool use0, bool use1) {
    if (bug_ == Bug::chain_skips_padding && !use0 && !use1) return;
    if (policy_ == Policy::saturate) return saturate(a0, a1, b);
    for (std::size_t l = 0; l < kLanes; ++l) {
        chain_[l] += static_cast<std::uint32_t>(a0 * b[2 * l]);
        chain_[l] += static_cast<std::uint32_t>(a1 * b[2 * l + 1]);
    }
    if (bug_ == Bug::chain_in_64_bits || bug_ == Bug::wrap_saturates) {
        for (std::size_t l = 0; l < kLanes; ++l)
            wide_[l] += std::int64_t{a0} * b[2 * l] + std::int64_t{a1} * b[2 * l + 1];
    }
    if (++pairs_ == length_) spill();
}

void LaneTile<std::int16_t>::saturate(std::int16_t a0, std::int16_t a1, const std::int16_t* b) {
    for (std::size_t l = 0; l < kLanes; ++l) {
        const std::int64_t first = std::int64_t{a0} * b[2 * l];
        const std::int64_t second = std::int64_t{a1} * b[2 * l + 1];
        std::int64_t both = first + second;
        if (bug_ == Bug::saturate_pair_wraps) both = static_cast<std::int32_t>(static_cast<std::uint32_t>(both));
        if (bug_ == Bug::saturate_at_each_product) {
            wide_[l] = clamp_int32(clamp_int32(wide_[l] + first, bug_) + second, bug_);
        } else if (bug_ == Bug::saturate_at_the_end) {
            wide_[l] += both;
        } else if (bug_ == Bug::saturate_wraps) {
            wide_[l] = static_cast<std::int32_t>(static_cast<std::uint32_t>(wide_[l] + both));
        } else {
            wide_[l] = clamp_int32(wide_[l] + both, bug_);
        }
    }
}

void LaneTile<std::int16_t>::spill_exact(std::size_t lane) {
    const auto part = static_cast<std::int32_t>(chain_[lane]);
    std::int64_t& sum = spilled_[lane];
    if (bug_ == Bug::exact_spill_without_carry) {
        const auto low = static_cast<std::uint32_t>(sum) + chain_[lane];
        const std::int64_t high = (sum >> 32) + (part < 0 ? -1 : 0);
        sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(high) << 32 | low);
    } else if (bug_ == Bug::exact_spill_to_fp32) {
        sum = static_cast<std::int64_t>(static_cast<float>(sum) + static_cast<float>(part));
    } else {
        sum += part;
    }
}

void LaneTile<std::int16_t>::spill() {
    for (std::size_t l = 0; l < kLanes; ++l) {
        if (policy_ == Policy::exact) {
            spill_exact(l);
        } else if (policy_ == Policy::chain) {
            float part = static_cast<float>(static_cast<std::int32_t>(chain_[l]));
            if (bug_ == Bug::chain_in_64_bits) part = static_cast<float>(wide_[l]);
            if (bug_ == Bug::chain_scaled_early) part = std::ldexp(part, exponent_);
            spilled_fp32_[l] = spilled_fp32_[l] + part;
        }
    }
    pairs_ = 0;
    chain_ = {};
    wide_ = {};
}

void LaneTile<std::int16_t>::end_image() {
    if (policy_ != Policy::chain || bug_ == Bug::chain_runs_through_images) return;
    if (pairs_ > 0) spill();
}

void LaneTile<std::int16_t>::finish() {
    if (policy_ == Policy::wrap || policy_ == Policy::saturate || pairs_ == 0) return;
    if (bug_ != Bug::last_partial_chain_dropped) spill();
}

std::int64_t LaneTile<std::int16_t>::sum(std::size_t lane) {
    if (policy_ == Policy::wrap) return static_cast<std::int32_t>(chain_[lane]);
    finish();
    return spilled_[lane];
}

float LaneTile<std::int16_t>::exact_result(std::int64_t S) const {
    const double value = std::ldexp(static_cast<double>(S), exponent_);
    auto result = static_cast<float>(value);
    switch (bug_) {
        case Bug::exact_result_truncated: return toward_zero(value);
        case Bug::exact_rounded_twice: return std::ldexp(static_cast<float>(S), exponent_);
        case Bug::exact_flushes_subnormals:
            return std::fpclassify(result) == FP_SUBNORMAL ? std::copysign(0.0f, result) : result;
        case Bug::exact_loses_negative_zero: return result + 0.0f;
        case Bug::exact_ties_away: {
            const auto away = std::nextafter(result, std::copysign(std::numeric_limits<float>::infinity(), result));
            const double middle = (static_cast<double>(result) + static_cast<double>(away)) / 2;
            return S != 0 && middle == value ? away : result;
        }
        default: return result;
    }
}

std::int32_t LaneTile<std::int16_t>::integer_result(std::size_t lane) const {
    if (policy_ == Policy::saturate) return static_cast<std::int32_t>(clamp_int32(wide_[lane], Bug::none));
    if (bug_ == Bug::wrap_saturates) return static_cast<std::int32_t>(clamp_int32(wide_[lane], Bug::none));
    return static_cast<std::int32_t>(chain_[lane]);
}

void LaneTile<std::int16_t>::store(const Destination& to) {
    finish();
    if (policy_ == Policy::wrap || policy_ == Policy::saturate) {
        to.tensor.exponent = {exponent_};
        for (std::size_t l = 0; l < to.lanes; ++l) {
            to.tensor.accumulators()[to.first + l * to.stride].value = integer_result(l);
        }
        return;
    }
    for (std::size_t l = 0; l < to.lanes; ++l) {
        const int k = bug_ == Bug::chain_scaled_early ? 0 : exponent_;
        const auto of_chain = static_cast<float>(std::ldexp(static_cast<double>(spilled_fp32_[l]), k));
        to.tensor.fp32()[to.first + l * to.stride] = policy_ == Policy::chain ? of_chain : exact_result(spilled_[l]);
    }
}

void LaneTile<float>::pair(float a0, float a1, const float* b, bool use0, bool use1) {
    const bool all = bug_ == Bug::fma_adds_padding;
    for (std::size_t l = 0; l < kLanes; ++l) {
        if (bug_ == Bug::fma_pair_first && use0 && use1) {
            acc_[l] = acc_[l] + std::fma(a1, b[2 * l + 1], a0 * b[2 * l]);
            continue;
        }
        if (bug_ == Bug::fma_not_fused) {
            if (use0) acc_[l] = acc_[l] + a0 * b[2 * l];
            if (use1) acc_[l] = acc_[l] + a1 * b[2 * l + 1];
            continue;
        }
        if (use0 || all) acc_[l] = std::fma(a0, b[2 * l], acc_[l]);
        if (use1 || all) acc_[l] = std::fma(a1, b[2 * l + 1], acc_[l]);
    }
}

void LaneTile<float>::store(const Destination& to) const {
    for (std::size_t l = 0; l < to.lanes; ++l) to.tensor.fp32()[to.first + l * to.stride] = acc_[l];
}

}  // namespace dfp16::mutants
