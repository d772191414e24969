// The overflow certificate of packed operands (contract section 5).
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>

#include "fastpath/dot_tile/dot_tile_arguments.h"
#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

/// What is known of the operand that packed vectors are multiplied by: its magnitudes are at most `largest`; without
/// negative elements, a chain's partial sums lie between what its negative and what its positive products sum to.
struct BroadcastBound {
    std::int64_t largest = 32767;
    bool non_negative = false;
    std::int32_t reach = kWidestReach;  ///< of sums that chains go on from

    /// The largest norm of a chain from zero that cannot overflow INT32, and of one that goes on from a sum within
    /// [-reach, reach).
    std::int64_t limit() const { return ((std::int64_t{1} << 31) - 1) / (largest > 0 ? largest : 1); }
    std::int64_t continued_limit() const { return ((std::int64_t{1} << 31) - reach) / (largest > 0 ? largest : 1); }
};

/// Norms of units of pairs: `width` = lanes a unit, or 2 * lanes by sign, the positive ones first.
struct UnitNorms {
    std::int64_t lanes = 16;
    bool by_sign = false;
    std::uint32_t* norms = nullptr;  ///< [units][width()]

    std::int64_t width() const { return by_sign ? 2 * lanes : lanes; }
};

/// Writes the norms of `pairs` pairs (lanes `part` to `part` + 15 of packed [pairs][lanes][2], from `packed` on) by
/// units of `unit` pairs, from unit `first` on. Gives the largest. No element is -32768.
std::uint32_t write_norms(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t unit,
                          std::int64_t part, std::int64_t first, const UnitNorms& norms);

/// Pairs of each chain of a sum. A few take no memory of their own: threads find those of their lane blocks.
using ChainLengths = boost::container::small_vector<std::int64_t, 4>;

/// Certified chains of a list of pairs: each from zero, or, `continued`, the first from zero and each further one going
/// on from a sum within the bound's reach.
struct Chains {
    ChainLengths lengths;
    bool continued = false;
};

/// Joins neighbouring units, of `lengths` pairs, to the longest chains that cannot overflow INT32 in any lane; each
/// unit cannot. Overwrites norms.
Chains join_units(const VectorOps& ops, std::span<const std::int64_t> lengths, const UnitNorms& norms,
                  const BroadcastBound& bound, bool continued);

/// Cuts a list of pairs, packed [pairs][lanes][2], into the longest chains, of whole units of pairs, that cannot
/// overflow INT32 in any lane. Continued ones if they are wanted and each pair alone allows it.
Chains certified_chains(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes,
                        const BroadcastBound& bound, bool continued);

}  // namespace dfp16::fast
