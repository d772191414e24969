#include "fastpath/packing/pack_vectors.h"

#include <algorithm>
#include <cstring>

namespace dfp16::fast {

namespace {

// Lanes side by side in the source: pair by pair.
void pack_by_pairs(const std::int16_t* source, const std::vector<PairSource>& pairs, int used, int lanes,
                   std::int16_t* out) {
    for (const PairSource& pair : pairs) {
        for (int lane = 0; lane < used; ++lane) {
            out[2 * lane] = source[pair.first + lane];
            out[2 * lane + 1] = pair.second < 0 ? std::int16_t{0} : source[pair.second + lane];
        }
        std::fill(out + 2 * used, out + 2 * lanes, std::int16_t{0});
        out += 2 * lanes;
    }
}

// Lanes far apart: some pairs at a time, which a first-level cache holds for all lanes, lane by lane.
void pack_by_lanes(const std::int16_t* source, const std::vector<PairSource>& pairs, std::int64_t lane_stride, int used,
                   int lanes, std::int16_t* out) {
    constexpr std::size_t some = 128;
    for (std::size_t first = 0; first < pairs.size(); first += some) {
        const std::size_t end = std::min(first + some, pairs.size());
        for (int lane = 0; lane < used; ++lane) {
            const std::int16_t* from = source + lane * lane_stride;
            std::int16_t* to = out + 2 * lane;
            for (std::size_t i = first; i < end; ++i, to += 2 * lanes) {
                const std::int16_t pair[2] = {from[pairs[i].first],
                                              pairs[i].second < 0 ? std::int16_t{0} : from[pairs[i].second]};
                std::memcpy(to, pair, sizeof pair);
            }
        }
        for (std::size_t i = first; i < end; ++i, out += 2 * lanes) {
            std::fill(out + 2 * used, out + 2 * lanes, std::int16_t{0});
        }
    }
}

}  // namespace

void pack_vectors(const std::int16_t* source, const std::vector<PairSource>& pairs, std::int64_t lane_stride,
                  std::int64_t block, const PackedVectors& packed) {
    const std::int16_t* from = source + packed.blocks.first(block) * lane_stride;
    const int used = packed.blocks.used(block);
    const int lanes = packed.blocks.lanes(block);
    if (lane_stride == 1) {
        pack_by_pairs(from, pairs, used, lanes, packed.block(block));
    } else {
        pack_by_lanes(from, pairs, lane_stride, used, lanes, packed.block(block));
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
