#include "fastpath/packing/pack_taps.h"

#include <algorithm>

#include "fastpath/packing/fetch.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

namespace {

constexpr std::int16_t kZeros[16] = {};

// One lane block and 16 of the summed channels: what a first-level cache holds.
class TapPacker {
public:
    TapPacker(const VectorOps& ops, const PlainWeights& weights, std::int64_t block, const PackedVectors& packed)
        : ops_(ops),
          weights_(weights),
          first_lane_(packed.blocks.first(block)),
          used_(packed.blocks.used(block)),
          lanes_(packed.blocks.lanes(block)),
          spread_(kept<std::int16_t>(Kept::taps, 2 * 16 * 16 * weights.taps)),
          rows_(spread_ + 16 * 16 * weights.taps) {}

    /// Pairs [first, end) of the same 16 channels.
    void pack(const TapPair* first, const TapPair* end, std::int16_t* out) {
        const std::int64_t channel = first->channel / 16 * 16;
        for (int part = 0; part < lanes_; part += 16) {
            const int lanes = std::clamp(used_ - part, 0, 16);
            if (weights_.lane_step == weights_.taps) {
                pack_near_lanes(part, lanes, channel, first, end, out + 2 * part);
            } else {
                pack_far_lanes(part, lanes, channel, first, end, out + 2 * part);
            }
        }
    }

private:
    const std::int16_t* place(std::int64_t lane, std::int64_t channel) const {
        return weights_.data + (first_lane_ + lane) * weights_.lane_step + channel * weights_.channel_step;
    }
    std::int64_t tap_of(const TapPair& pair) const { return pair.r * weights_.S + pair.s; }

    // The taps of a channel's lanes lie side by side: spread [tap][channel][lane].
    void pack_near_lanes(int part, int lanes, std::int64_t channel, const TapPair* first, const TapPair* end,
                         std::int16_t* out) {
        const std::int64_t channels = std::min<std::int64_t>(16, weights_.channels - channel);
        if (weights_.taps == 1 && lanes == 16) {
            const std::int64_t rows = 2 * (end - first) - (end[-1].odd ? 1 : 0);
            return ops_.interleave_rows(place(part, first->channel), weights_.channel_step, rows, out, 2 * lanes_);
        }
        if (weights_.taps == 1) {
            for (; first < end; ++first, out += 2 * lanes_) {
                const std::int16_t* second = first->odd ? kZeros : place(part, first->channel + 1);
                ops_.interleave_two(place(part, first->channel), second, lanes, out);
                std::fill(out + 2 * lanes, out + 32, std::int16_t{0});
            }
            return;
        }
        for (std::int64_t c = 0; c < channels; ++c) {
            fetch(place(part, channel + c + 16), 16 * weights_.taps);
            ops_.spread_taps(place(part, channel + c), lanes, weights_.taps, spread_ + 16 * c, 16 * 16);
        }
        for (const TapPair* pair = first; pair < end; pair += (channels + 1) / 2) {
            ops_.interleave_rows(spread_ + tap_of(*pair) * 16 * 16, 16, channels, out, 2 * lanes_);
            out += (channels + 1) / 2 * 2 * lanes_;
        }
    }

    // The taps of a lane's channels lie side by side: spread [lane][tap][channel], of which the pairs are rows.
    void pack_far_lanes(int part, int lanes, std::int64_t channel, const TapPair* first, const TapPair* end,
                        std::int16_t* out) {
        const std::int64_t channels = std::min<std::int64_t>(16, weights_.channels - channel);
        if (weights_.taps == 1 && channels % 2 == 0) {
            return ops_.transpose_pairs(place(part, channel), weights_.lane_step, end - first, lanes, out, 2 * lanes_);
        }
        const std::int64_t row = 16 * weights_.taps;
        for (int lane = 0; lane < lanes; ++lane) {
            fetch(place(part + lane, channel) + 2 * row, row);
            ops_.spread_taps(place(part + lane, channel), channels, weights_.taps, spread_ + lane * row, 16);
        }
        if (channels == 16 && end - first == 8 * weights_.taps) {  // all of them: they are in order
            return ops_.transpose_pairs(spread_, row, end - first, lanes, out, 2 * lanes_);
        }
        for (int lane = 0; lane < lanes; ++lane) {
            std::int16_t* to = rows_ + lane * row;
            for (const TapPair* pair = first; pair < end; ++pair) {
                const std::int16_t* from = spread_ + lane * row + 16 * tap_of(*pair) + pair->channel % 16;
                *to++ = from[0];
                *to++ = from[1];
            }
        }
        ops_.transpose_pairs(rows_, row, end - first, lanes, out, 2 * lanes_);
    }

    const VectorOps& ops_;
    const PlainWeights& weights_;
    std::int64_t first_lane_;
    int used_;
    int lanes_;
    std::int16_t* spread_;
    std::int16_t* rows_;
};

}  // namespace

void pack_taps(const VectorOps& ops, const PlainWeights& weights, const std::vector<TapPair>& pairs,
               const ChannelBlocks& channels, std::int64_t block, const PackedVectors& packed) {
    TapPacker packer(ops, weights, block, packed);
    const auto first_of = [&](std::int64_t channel_block) {
        return std::partition_point(pairs.data(), pairs.data() + pairs.size(),
                                    [&](const TapPair& pair) { return pair.channel / 16 < channel_block; });
    };
    const TapPair* end = first_of(channels.end);
    for (const TapPair* first = first_of(channels.first); first < end;) {
        const TapPair* next = first;
        const bool together = weights.taps == 1 && weights.channels % 2 == 0;  // what lies side by side already
        while (next < end && (together || next->channel / 16 == first->channel / 16)) ++next;
        packer.pack(first, next, packed.block(block) + (first - pairs.data()) * 2 * packed.blocks.lanes(block));
        first = next;
    }
}

}  // namespace dfp16::fast
