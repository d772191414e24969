// The products of multiply, before its down-conversion (contract section 6), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

bool contains_int16_min(const std::int16_t* m, std::int64_t count) {
    std::int16_t smallest = 0;
    for (std::int64_t i = 0; i < count; ++i) smallest = m[i] < smallest ? m[i] : smallest;
    return smallest == -32768;
}

void multiply_flat(const std::int16_t* __restrict a, const std::int16_t* __restrict b, std::int64_t count,
                   std::int32_t* __restrict v) {
    for (std::int64_t i = 0; i < count; ++i) v[i] = std::int32_t{a[i]} * std::int32_t{b[i]};
}

}  // namespace
}  // namespace dfp16::fast
