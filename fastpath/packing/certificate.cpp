#include "fastpath/packing/certificate.h"

#include <algorithm>

#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

std::uint32_t write_norms(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t unit,
                          std::int64_t part, std::int64_t first, const UnitNorms& norms) {
    std::uint32_t* to = norms.norms + first * norms.width() + part;
    const auto write = norms.by_sign ? ops.unit_norms_by_sign : ops.unit_norms;
    return write({packed + 2 * part, pairs, 2 * norms.lanes, unit, to, norms.width()});
}

Chains join_units(const VectorOps& ops, std::span<const std::int64_t> lengths, const UnitNorms& norms,
                  const BroadcastBound& bound, bool continued) {
    Chains chains{{}, continued};
    std::int64_t limit = bound.limit();
    std::uint32_t* chain = nullptr;  // norms of the last chain, at its first unit
    std::uint32_t* unit = norms.norms;
    for (const std::int64_t length : lengths) {
        // Both are within limit < 2^31, so their sum fits 32 bits.
        if (chain != nullptr && ops.add_within(chain, unit, norms.width(), static_cast<std::uint32_t>(limit))) {
            chains.lengths.back() += length;
        } else {
            if (chain != nullptr && continued) limit = bound.continued_limit();
            chains.lengths.push_back(length);
            chain = unit;
        }
        unit += norms.width();
    }
    return chains;
}

Chains certified_chains(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes,
                        const BroadcastBound& bound, bool continued) {
    constexpr std::int64_t longest_unit = 8;
    if (pairs == 0) return {{}, continued};
    if (bound.largest == 0) return {{pairs}, continued};
    const std::int64_t limit = continued ? bound.continued_limit() : bound.limit();
    UnitNorms norms{lanes, bound.non_negative, nullptr};
    boost::container::small_vector<std::int64_t, 64> lengths;
    std::uint32_t largest = 0;
    for (std::int64_t unit = longest_unit; unit > 0; unit /= 2) {
        lengths.assign(static_cast<std::size_t>((pairs + unit - 1) / unit), unit);
        lengths.back() = pairs - (static_cast<std::int64_t>(lengths.size()) - 1) * unit;
        norms.norms = kept<std::uint32_t>(Kept::unit_norms, std::ssize(lengths) * norms.width());
        largest = 0;
        for (std::int64_t part = 0; part < lanes; part += 16) {
            largest = std::max(largest, write_norms(ops, packed, pairs, unit, part, 0, norms));
        }
        if (largest <= limit) break;
    }
    // One pair is always within the limit of a chain from zero.
    return join_units(ops, lengths, norms, bound, continued && largest <= limit);
}

}  // namespace dfp16::fast
