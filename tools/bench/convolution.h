// A convolution of the fast path with operands of its own, as often as it is asked to run.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/memory.h"
#include "fastpath/products.h"

namespace dfp16::bench {

enum class Pass { forward, backward_data, weight_gradient };
inline constexpr Pass kPasses[] = {Pass::forward, Pass::backward_data, Pass::weight_gradient};
/// "forward", "backward_data", "weight_gradient".
const char* name_of(Pass pass);

/// Gaussian-like mantissas of headroom 2: the largest of many comes near 8191. (A Convolution's activations are
/// rectified.)
std::vector<std::int16_t> gaussian_mantissas(std::int64_t count, unsigned seed);

/// Multiply-accumulates of one pass.
double macs_of(const ConvParams& conv);

/// 3x3, 64 to 64 channels (whole blocks of 16), 56x56.
ConvParams conv_3x3(std::int64_t images);

class Convolution {
public:
    /// Channels that do not fill their last block of 16 are zero there, as everywhere in the fast path.
    Convolution(const ConvParams& conv, Pass pass);
    /// From blocked INT16 operands (plain weights) to what a step stores: DFP-16 with the exponent of the run before,
    /// as it mostly is in training; FP32 weight gradients; INT32 under wrap and saturate.
    void run(const fast::Products& products);

private:
    ConvParams conv_;
    Pass pass_;
    fast::AlignedBuffer memory_;  ///< of all three, in one piece like a plan's
    std::byte* first_ = nullptr;
    std::byte* second_ = nullptr;
    std::byte* result_ = nullptr;
    fast::QuantizedResult quantized_;
    fast::ExponentForecast forecast_;
    bool wide_sums_ = false;
};

}  // namespace dfp16::bench
