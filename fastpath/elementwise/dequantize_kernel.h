// dequantize (contract section 6), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

void dequantize_flat(const std::int16_t* __restrict x, std::int64_t count, float scale, float* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<float>(x[i]) * scale;
}

}  // namespace
}  // namespace dfp16::fast
