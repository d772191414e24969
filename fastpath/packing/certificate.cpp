#include "fastpath/packing/certificate.h"

#include <algorithm>

namespace dfp16::fast {

namespace {

// Norms of units of pairs, `width` a unit.
struct UnitNorms {
    std::int64_t unit = 8;
    std::int64_t count = 0;
    std::int64_t width = 0;
    std::vector<std::uint32_t> norms;
};

// Units of 8 pairs, or the longest that are within the limit; one pair always is.
UnitNorms unit_norms(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes,
                     bool by_sign, std::int64_t limit) {
    UnitNorms result;
    result.width = by_sign ? 2 * lanes : lanes;
    for (;; result.unit /= 2) {
        result.count = (pairs + result.unit - 1) / result.unit;
        result.norms.resize(static_cast<std::size_t>(result.count * result.width));
        const auto norms = by_sign ? ops.unit_norms_by_sign : ops.unit_norms;
        if (norms(packed, pairs, lanes, result.unit, result.norms.data()) <= limit || result.unit == 1) return result;
    }
}

}  // namespace

std::vector<std::int64_t> certified_chains(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs,
                                           std::int64_t lanes, const BroadcastBound& bound) {
    if (pairs == 0) return {};
    if (bound.largest == 0) return {pairs};
    const std::int64_t limit = ((std::int64_t{1} << 31) - 1) / bound.largest;
    UnitNorms units = unit_norms(ops, packed, pairs, lanes, bound.non_negative, limit);
    std::vector<std::int64_t> chains;
    std::uint32_t* chain = units.norms.data();  // norms of the chain, at its first unit
    std::int64_t length = units.unit;
    for (std::int64_t i = 1; i < units.count; ++i) {
        // Both are within limit < 2^31, so their sum fits 32 bits.
        std::uint32_t* unit = units.norms.data() + i * units.width;
        if (ops.largest_sum(chain, unit, units.width) <= limit) {
            ops.add(chain, unit, units.width);
            length += units.unit;
        } else {
            chains.push_back(length);
            chain = unit;
            length = units.unit;
        }
    }
    std::int64_t before = 0;
    for (const std::int64_t one : chains) before += one;
    chains.push_back(pairs - before);
    return chains;
}

}  // namespace dfp16::fast
