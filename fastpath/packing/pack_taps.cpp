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
    TapPacker(const VectorOps& ops, const PlainWeights& weights, const TapPairs& pairs, std::int64_t block,
              const PackedVectors& packed)
        : ops_(ops),
          weights_(weights),
          pairs_(pairs),
          first_lane_(packed.blocks.first(block)),
          used_(packed.blocks.used(block)),
          lanes_(packed.blocks.lanes(block)),
          spread_(kept<std::int16_t>(Kept::taps, 2 * 16 * 16 * weights.taps)),
          rows_(spread_ + 16 * 16 * weights.taps) {}

    /// The pairs of `channels` channels, of one block of 16, or, of a single tap, any even number that starts one.
    void pack(std::int64_t channel, std::int64_t channels, std::int16_t* out) {
        for (int part = 0; part < lanes_; part += 16, out += 32) {
            const int lanes = std::clamp(used_ - part, 0, 16);
            if (weights_.lane_step == weights_.taps) {
                pack_near_lanes(part, lanes, channel, channels, out);
            } else {
                pack_far_lanes(part, lanes, channel, channels, out);
            }
        }
    }

private:
    const std::int16_t* place(std::int64_t lane, std::int64_t channel) const {
        return weights_.data + (first_lane_ + lane) * weights_.lane_step + channel * weights_.channel_step;
    }

    std::int64_t tap(std::int64_t r, std::size_t col) const { return r * weights_.S + pairs_.tap_cols[col]; }

    // The taps of a channel's lanes lie side by side: spread [tap][channel][lane].
    void pack_near_lanes(int part, int lanes, std::int64_t channel, std::int64_t channels, std::int16_t* out) {
        if (weights_.taps == 1) return pack_near_lanes_of_tap(part, lanes, channel, channels, out);
        for (std::int64_t c = 0; c < channels; ++c) {
            fetch(place(part, channel + c + 16), 16 * weights_.taps);
            ops_.spread_taps(place(part, channel + c), lanes, weights_.taps, spread_ + 16 * c, 16 * 16);
        }
        const std::int64_t together = pairs_.odd_across ? channels - 1 : channels;
        for (const std::int64_t r : pairs_.tap_rows) {
            for (std::size_t col = 0; col < pairs_.tap_cols.size(); ++col) {
                const std::int16_t* of_tap = spread_ + tap(r, col) * 16 * 16;
                ops_.interleave_rows(of_tap, 16, together, out, 2 * lanes_);
                out += (together + 1) / 2 * 2 * lanes_;
                if (!pairs_.odd_across || col % 2 != 0) continue;
                const std::int16_t* next =
                    col + 1 < pairs_.tap_cols.size() ? spread_ + tap(r, col + 1) * 16 * 16 + 16 * together : kZeros;
                ops_.interleave_two(of_tap + 16 * together, next, 16, out);
                out += 2 * lanes_;
            }
        }
    }

    void pack_near_lanes_of_tap(int part, int lanes, std::int64_t channel, std::int64_t channels, std::int16_t* out) {
        if (lanes == 16) {
            return ops_.interleave_rows(place(part, channel), weights_.channel_step, channels, out, 2 * lanes_);
        }
        for (std::int64_t c = 0; c < channels; c += 2, out += 2 * lanes_) {
            const std::int16_t* second = c + 1 == channels ? kZeros : place(part, channel + c + 1);
            ops_.interleave_two(place(part, channel + c), second, lanes, out);
            std::fill(out + 2 * lanes, out + 32, std::int16_t{0});
        }
    }

    // The taps of a lane's channels lie side by side: spread [lane][tap][channel], of which the pairs are rows.
    void pack_far_lanes(int part, int lanes, std::int64_t channel, std::int64_t channels, std::int16_t* out) {
        if (weights_.taps == 1 && channels % 2 == 0) {
            return ops_.transpose_pairs(place(part, channel), weights_.lane_step, channels / 2, lanes, out, 2 * lanes_);
        }
        const std::int64_t row = 16 * weights_.taps;
        for (int lane = 0; lane < lanes; ++lane) {
            fetch(place(part + lane, channel) + 2 * row, row);
            ops_.spread_taps(place(part + lane, channel), channels, weights_.taps, spread_ + lane * row, 16);
        }
        if (channels == 16 && pairs_.all_taps()) {  // they are in order
            return ops_.transpose_pairs(spread_, row, 8 * pairs_.taps(), lanes, out, 2 * lanes_);
        }
        std::int64_t pairs = 0;
        for (int lane = 0; lane < lanes; ++lane) {
            std::int16_t* const first = rows_ + lane * row;
            pairs = (take_pairs(spread_ + lane * row, channels, first) - first) / 2;
        }
        ops_.transpose_pairs(rows_, row, pairs, lanes, out, 2 * lanes_);
    }

    // A lane's pairs from [tap][channel]; gives where they end.
    std::int16_t* take_pairs(const std::int16_t* from, std::int64_t channels, std::int16_t* to) const {
        for (const std::int64_t r : pairs_.tap_rows) {
            for (std::size_t col = 0; col < pairs_.tap_cols.size(); ++col) {
                const std::int16_t* of_tap = from + 16 * tap(r, col);
                if (!pairs_.odd_across) {
                    to = std::copy_n(of_tap, (channels + 1) / 2 * 2, to);
                    continue;
                }
                to = std::copy_n(of_tap, channels - 1, to);
                if (col % 2 != 0) continue;
                *to++ = of_tap[channels - 1];
                *to++ = col + 1 < pairs_.tap_cols.size() ? from[16 * tap(r, col + 1) + channels - 1] : std::int16_t{0};
            }
        }
        return to;
    }

    const VectorOps& ops_;
    const PlainWeights& weights_;
    const TapPairs& pairs_;
    std::int64_t first_lane_;
    int used_;
    int lanes_;
    std::int16_t* spread_;
    std::int16_t* rows_;
};

}  // namespace

void pack_taps(const VectorOps& ops, const PlainWeights& weights, const TapPairs& pairs, const ChannelBlocks& channels,
               std::int64_t block, const PackedVectors& packed) {
    if (pairs.empty()) return;
    TapPacker packer(ops, weights, pairs, block, packed);
    const bool together = weights.taps == 1 && weights.channels % 2 == 0;  // what lies side by side already
    const std::int64_t step = together ? channels.end - channels.first : 1;
    for (std::int64_t first = channels.first; first < channels.end; first += step) {
        const std::int64_t count = std::min(16 * step, weights.channels - 16 * first);
        packer.pack(16 * first, count, packed.block(block) + pairs.before(first) * 2 * packed.blocks.lanes(block));
    }
}

}  // namespace dfp16::fast
