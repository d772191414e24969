// Which elements every output of a sum of products multiplies, in the contract's order (sections 7 and 13), as a kernel
// would that has the geometry right, or one thing of it wrong.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vectors/case_header.h"

namespace dfp16::triage {

inline constexpr std::int64_t kPartner = -1;  ///< zero beside a last odd element
inline constexpr std::int64_t kPadding = -2;  ///< a tap on padding, or between strides

/// One product: indices into both operands. Two neighbours are a pair.
struct Term {
    std::int64_t a = kPartner;
    std::int64_t b = kPartner;
    std::int64_t inner = 0;  ///< innermost index: channel, column of the gradient, k of a gemm
    std::int64_t tap = 0;    ///< r * S + s; row of the gradient in a weight gradient
    std::int64_t image = 0;  ///< in a convolution's weight gradient, which ends chains there
};

/// How a kernel steps over the input; P and Q stay the case's.
struct Geometry {
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> pad{0, 0};
    bool replicate = false;  ///< padding repeats the border's elements
    bool flipped = false;    ///< filters rotated by 180 degrees
    bool one_group = false;  ///< every group reads the channels of group 0
};

/// gemm, convolution, fully connected: any policy.
bool is_sum_of_products(OpKind op);
/// The case's own geometry; ones and zeros for what is no convolution.
Geometry geometry_of(const CaseHeader& header);

/// Of one output of a sum of products, or of an instruction; a whole number of pairs.
std::vector<Term> terms_of(const CaseHeader& header, std::int64_t output, const Geometry& geometry);
/// How many terms the outputs have in total, as cost.
std::int64_t products_of(const CaseHeader& header);

/// Which input is a of the pairs, and which b.
std::size_t a_input(OpKind op);
std::size_t b_input(OpKind op);

}  // namespace dfp16::triage
