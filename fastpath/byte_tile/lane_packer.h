// Pixels that come in pieces, to lanes of fours of pixels: only fours that lie in two pieces are copied.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fastpath/byte_tile/byte_ops.h"

namespace dfp16::fast {

class LanePacker {
public:
    /// `high`, `low`: as split_lanes() has them.
    LanePacker(const ByteOps& ops, std::uint8_t* high, std::int64_t low) : ops_(ops), out_(high), low_(low) {}

    /// Pixels [count][16] that follow those before.
    void add(const std::int16_t* pixels, std::int64_t count) {
        const std::int64_t to_four = std::min<std::int64_t>(count, (4 - held_) % 4);
        hold(pixels, to_four);
        const std::int64_t fours = (count - to_four) / 4;
        split(pixels + 16 * to_four, fours);
        hold(pixels + 16 * (to_four + 4 * fours), (count - to_four) % 4);
    }
    /// Behind the last pixel: whatever was held before, which meets zeros.
    void finish() {
        if (held_ > 0) split(four_, 1);
    }

private:
    void hold(const std::int16_t* pixels, std::int64_t count) {
        if (count == 0) return;
        std::copy_n(pixels, 16 * count, four_ + 16 * held_);
        held_ += count;
        if (held_ < 4) return;
        held_ = 0;
        split(four_, 1);
    }
    void split(const std::int16_t* pixels, std::int64_t fours) {
        ops_.split_lanes(pixels, fours, out_, low_);
        out_ += 64 * fours;
    }

    const ByteOps& ops_;
    std::uint8_t* out_;
    std::int64_t low_;
    std::int16_t four_[64] = {};
    std::int64_t held_ = 0;
};

}  // namespace dfp16::fast
