#pragma once

#include <cstdint>

namespace dfp16 {

/// The INT16 mantissa of one element of a DFP-16 tensor. Its value is mantissa * 2^exponent.
struct Mantissa {
    std::int16_t value = 0;
    friend bool operator==(Mantissa, Mantissa) = default;
};
static_assert(sizeof(Mantissa) == 2);

}  // namespace dfp16
