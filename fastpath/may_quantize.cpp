#include <bit>

#include "fastpath/packing/group_channels.h"
#include "fastpath/products.h"

namespace dfp16::fast {

bool may_quantize(const ConvParams& conv, bool forward) {
    const Policy policy = conv.accumulation.policy;
    const Activation out = {1, forward ? conv.K : conv.C, 1, 1, conv.groups};
    return (policy == Policy::exact || policy == Policy::chain) && out.aligned();
}

// |product| <= 2^30; the FP32 sums of `chain` may round up, by less than a factor of 2.
bool stays_within_fp32(const ConvParams& conv, int exponent) {
    const auto most = static_cast<std::uint64_t>(conv.R * conv.S * (conv.C > conv.K ? conv.C : conv.K));
    return 30 + std::bit_width(most) + exponent + 1 < 128;
}

}  // namespace dfp16::fast
