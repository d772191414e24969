// The accumulators of 16 outputs: INT16 pairs into INT32 chains that spill into 64 bits or FP32; FP32 products by fma.
#pragma once

#include <array>
#include <cstdint>

#include "reference/interface/host_tensor.h"
#include "sim/types/policy.h"
#include "vectors/mutants/bugs.h"
#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

/// RN32(S * 2^k) for |S| < 2^53: what 2^22 pairs give at most.
float scaled(std::int64_t S, int k);

/// Where 16 results go, and how many of them exist.
struct Destination {
    HostTensor& tensor;
    std::size_t first;   ///< index of lane 0
    std::size_t stride;  ///< from lane to lane
    std::size_t lanes;
};

template <typename T>
class LaneTile;

template <>
class LaneTile<std::int16_t> {
public:
    /// a, b: the operands, for the chains that are certain not to overflow, and the exponent of the products.
    LaneTile(Bug bug, const Accumulation& how, const HostTensor& a, const HostTensor& b);
    void start();
    /// Lane l gets a0 * b[2l] + a1 * b[2l + 1]. use0, use1: neither padding nor beyond the last.
    void pair(std::int16_t a0, std::int16_t a1, const std::int16_t* b, bool use0, bool use1);
    /// Chains end with each image.
    void end_image();
    void store(const Destination& to);
    /// The sum of one lane in 64 bits or INT32, for those who add up several tiles.
    std::int64_t sum(std::size_t lane);
    int exponent() const { return exponent_; }

private:
    void saturate(std::int16_t a0, std::int16_t a1, const std::int16_t* b);
    void spill();
    void spill_exact(std::size_t lane);
    void finish();
    float exact_result(std::int64_t S) const;
    std::int32_t integer_result(std::size_t lane) const;

    Bug bug_;
    Policy policy_;
    std::int64_t length_;
    int exponent_;
    std::int64_t pairs_ = 0;
    std::array<std::uint32_t, kLanes> chain_{};
    std::array<std::int64_t, kLanes> wide_{};  ///< the chain in 64 bits, and what saturating adds up
    std::array<std::int64_t, kLanes> spilled_{};
    std::array<float, kLanes> spilled_fp32_{};
};

template <>
class LaneTile<float> {
public:
    LaneTile(Bug bug, const Accumulation&, const HostTensor&, const HostTensor&) : bug_(bug) {}
    void start() { acc_ = {}; }
    void pair(float a0, float a1, const float* b, bool use0, bool use1);
    void end_image() {}
    void store(const Destination& to) const;

private:
    Bug bug_;
    std::array<float, kLanes> acc_{};
};

/// "x" of an operand as the tile takes it.
template <typename T>
T element(const HostTensor& tensor, std::size_t i) {
    if constexpr (sizeof(T) == 2) {
        return tensor.mantissas()[i].value;
    } else {
        return tensor.fp32()[i];
    }
}

}  // namespace dfp16::mutants
