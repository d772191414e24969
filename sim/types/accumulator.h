#pragma once

#include <cstdint>

namespace dfp16 {

/// An INT32 accumulator, as VPMADDWD + VPADDD and VPDPWSSD leave it.
struct Accumulator {
    std::int32_t value = 0;
    friend bool operator==(Accumulator, Accumulator) = default;
};
static_assert(sizeof(Accumulator) == 4);

}  // namespace dfp16
