// Contract sections 2 and 6.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/oracle/philox.h"
#include "tests/oracle/rounding.h"

namespace oracle {

/// A DFP-16 tensor: mantissas and their exponent.
struct Dfp {
    std::vector<std::int16_t> m;
    int e = 0;
    friend bool operator==(const Dfp&, const Dfp&) = default;
};

/// round, then clamp, of one element at a given exponent.
std::int16_t quantize_element(float x, int e, int h, Rounding mode, std::uint32_t r);

Dfp quantize(const std::vector<float>& x, int h, Rounding mode, const Draw& draw);
float dequantize(std::int16_t m, int e);
Dfp down_convert(const std::vector<std::int32_t>& v, int e, int h, Rounding mode, const Draw& draw);
Dfp multiply(const Dfp& a, const Dfp& b, int h, Rounding mode, const Draw& draw);
Dfp add(const Dfp& a, const Dfp& b, bool relu, int h, Rounding mode, const Draw& draw);

}  // namespace oracle
