// Dropout (contract section 8), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

/// y = (x * scale) * gain where the word is at least `threshold`, else 0.
void dropout_flat(const std::int16_t* __restrict x, std::int64_t count, float scale, float gain,
                  std::uint32_t threshold, const std::uint32_t* __restrict words, float* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float kept = (static_cast<float>(x[i]) * scale) * gain;
        const std::int32_t mask = static_cast<std::int32_t>(below(words[i], threshold)) - 1;
        y[i] = float_of(bits_of(kept) & mask);
    }
}

}  // namespace
}  // namespace dfp16::fast
