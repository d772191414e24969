// The contract's order of a convolution's products, and which elements its taps meet (section 7).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "reference/interface/shape.h"
#include "reference/ops/sum_of_products.h"

namespace dfp16 {

inline constexpr std::int64_t kBlock = 16;  // channels of a block in the contract's order

/// Calls visit(place, channel, r, s) for every operand of one output, in the order of forward and backward-data: blocks
/// of 16 channels, then r, then s, then the channel; `place` is twice the pair's number, plus the half.
template <typename Visit>
void in_order(std::int64_t channels, std::int64_t R, std::int64_t S, Visit visit) {
    std::int64_t pair = 0;
    for (std::int64_t block = 0; block < channels; block += kBlock) {
        const std::int64_t count = std::min(kBlock, channels - block);
        for (std::int64_t r = 0; r < R; ++r) {
            for (std::int64_t s = 0; s < S; ++s) {
                for (std::int64_t i = 0; i < count; ++i) visit(pair * 2 + i, block + i, r, s);
                pair += pairs_of(count);
            }
        }
    }
}

/// Pairs of one output, in that order.
inline std::int64_t pairs_in_order(std::int64_t channels, std::int64_t R, std::int64_t S) {
    const std::int64_t rest = channels % kBlock;
    return R * S * (channels / kBlock * (kBlock / 2) + pairs_of(rest));
}

/// The flat index of an element.
inline std::size_t at(const Shape& shape, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return static_cast<std::size_t>(((a * shape[1] + b) * shape[2] + c) * shape[3] + d);
}

/// Per tap of one dimension, the input position that it meets for output position `out`; -1 on padding.
inline std::vector<std::int64_t> inputs_of_taps(std::int64_t out, std::int64_t taps, std::int64_t stride,
                                                std::int64_t pad, std::int64_t size) {
    std::vector<std::int64_t> positions;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::int64_t in = out * stride - pad + tap;
        positions.push_back(in >= 0 && in < size ? in : -1);
    }
    return positions;
}

/// Per tap, the output position that meets input position `in` through it; -1 where there is none.
inline std::vector<std::int64_t> outputs_of_taps(std::int64_t in, std::int64_t taps, std::int64_t stride,
                                                 std::int64_t pad, std::int64_t size) {
    std::vector<std::int64_t> positions;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::int64_t out = in + pad - tap;
        positions.push_back(out >= 0 && out % stride == 0 && out / stride < size ? out / stride : -1);
    }
    return positions;
}

}  // namespace dfp16
