#include "fastpath/packing/pack_vectors.h"

#include <algorithm>

namespace dfp16::fast {

namespace {

// Lanes side by side in the source: pair by pair.
void pack_by_pairs(const VectorOps& ops, const std::int16_t* source, const std::vector<PairSource>& pairs, int used,
                   int lanes, std::int16_t* out) {
    for (const PairSource& pair : pairs) {
        if (pair.second >= 0) {
            ops.interleave_two(source + pair.first, source + pair.second, used, out);
        } else {
            for (int lane = 0; lane < used; ++lane) {
                out[2 * lane] = source[pair.first + lane];
                out[2 * lane + 1] = 0;
            }
        }
        std::fill(out + 2 * used, out + 2 * lanes, std::int16_t{0});
        out += 2 * lanes;
    }
}

bool are_neighbours(const std::vector<PairSource>& pairs, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
        const PairSource expected{pairs[first].first + 2 * static_cast<std::int64_t>(i - first), 0};
        if (pairs[i].first != expected.first || pairs[i].second != expected.first + 1) return false;
    }
    return true;
}

// Lanes far apart: 16 lanes and some pairs at a time, which a first-level cache holds, lane by lane, then transposed.
void pack_far_lanes(const VectorOps& ops, const std::int16_t* source, const std::vector<PairSource>& pairs,
                    std::int64_t lane_stride, int used, int lanes, std::int16_t* out) {
    constexpr std::size_t some = 128;
    alignas(64) std::int16_t rows[16 * 2 * some];
    for (std::size_t first = 0; first < pairs.size(); first += some) {
        const std::size_t end = std::min(first + some, pairs.size());
        const auto count = static_cast<std::int64_t>(end - first);
        const bool neighbours = are_neighbours(pairs, first, end);
        for (int part = 0; part < lanes; part += 16) {
            const int existing = std::clamp(used - part, 0, 16);
            const std::int16_t* from = source + part * lane_stride;
            for (int lane = 0; lane < existing && !neighbours; ++lane) {
                const std::int16_t* row = from + lane * lane_stride;
                std::int16_t* to = rows + lane * 2 * count;
                for (std::size_t i = first; i < end; ++i, to += 2) {
                    to[0] = row[pairs[i].first];
                    to[1] = pairs[i].second < 0 ? std::int16_t{0} : row[pairs[i].second];
                }
            }
            ops.transpose_pairs(neighbours ? from + pairs[first].first : rows, neighbours ? lane_stride : 2 * count,
                                count, existing, out + 2 * part, 2 * lanes);
        }
        out += 2 * lanes * count;
    }
}

}  // namespace

void pack_vectors(const VectorOps& ops, const std::int16_t* source, const std::vector<PairSource>& pairs,
                  std::int64_t lane_stride, std::int64_t block, const PackedVectors& packed) {
    const std::int16_t* from = source + packed.blocks.first(block) * lane_stride;
    const int used = packed.blocks.used(block);
    const int lanes = packed.blocks.lanes(block);
    std::int16_t* out = packed.block(block);
    if (lane_stride == 1) {
        pack_by_pairs(ops, from, pairs, used, lanes, out);
    } else {
        pack_far_lanes(ops, from, pairs, lane_stride, used, lanes, out);
    }
}

std::vector<PairSource> neighbours(std::int64_t length, std::int64_t stride) {
    std::vector<PairSource> pairs;
    for (std::int64_t i = 0; i < length; i += 2) {
        pairs.push_back({i * stride, i + 1 < length ? (i + 1) * stride : -1});
    }
    return pairs;
}

}  // namespace dfp16::fast
