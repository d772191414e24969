// The comparer: equality of bits, as golden files and lockstep mean it. -0 differs from +0; a NaN equals the same NaN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reference/interface/host_tensor.h"

namespace dfp16 {

/// How two tensors differ. Exponents count for mantissas and accumulators.
struct Difference {
    bool layout_differs = false;  ///< type or shape: elements were not compared
    bool exponent_differs = false;
    std::int64_t differing_elements = 0;
    std::int64_t differing_bits = 0;  ///< of elements, and of the exponents in two's complement
    std::int64_t first_index = -1;    ///< first differing element in row-major order; -1: none
};

/// Nothing if all bits are equal.
std::optional<Difference> compare(const HostTensor& expected, const HostTensor& got);

/// One line: "y at (n,k,p,q)=(0,3,1,7): expected 0x3f800000 (1), got 0x3f800001 (1.0000001); 2 of 512 elements differ".
/// Mantissas and accumulators get their exponents too. `axes` names the coordinates ("n,k,p,q"); it may be empty.
std::string describe(const std::string& tensor, const std::string& axes, const HostTensor& expected,
                     const HostTensor& got, const Difference& difference);

}  // namespace dfp16
