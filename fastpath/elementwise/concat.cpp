#include <algorithm>
#include <vector>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

/// Lanes of a block that come from one block of a source.
struct LaneCopy {
    std::size_t source = 0;
    std::int64_t block = 0;  ///< of the source
    std::int64_t from = 0;   ///< lane there
    std::int64_t to = 0;     ///< lane here
    std::int64_t count = 0;

    bool whole() const { return count == kBlock; }
};

/// Mantissas of the source's block at the pixels of a tile.
const std::int16_t* source_of(const Tensor& source, const LaneCopy& copy, std::int64_t image, const Tile& tile) {
    const Layout& layout = source.layout;
    return source.mantissas() + ((image * layout.blocks() + copy.block) * layout.HW + tile.first_pixel) * kBlock;
}

void copy_lanes(const std::int16_t* from, std::int64_t from_lane, std::int16_t* to, std::int64_t to_lane,
                std::int64_t lanes, std::int64_t pixels) {
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        std::copy_n(from + pixel * kBlock + from_lane, lanes, to + pixel * kBlock + to_lane);
    }
}

/// By block of the whole: where its lanes come from.
std::vector<std::vector<LaneCopy>> copies_into_whole(const std::vector<std::int64_t>& channels, const Layout& whole) {
    std::vector<std::vector<LaneCopy>> copies(static_cast<std::size_t>(whole.blocks()));
    std::int64_t channel = 0;
    for (std::size_t part = 0; part < channels.size(); ++part) {
        for (std::int64_t c = 0, count = 0; c < channels[part]; c += count, channel += count) {
            count = std::min({channels[part] - c, kBlock - c % kBlock, kBlock - channel % kBlock});
            copies[static_cast<std::size_t>(channel / kBlock)].push_back(
                {part, c / kBlock, c % kBlock, channel % kBlock, count});
        }
    }
    return copies;
}

/// Where the lanes of a part's block come from; the part starts at channel `first` of the whole.
std::vector<LaneCopy> copies_into_part(const Layout& part, std::int64_t block, std::int64_t first) {
    std::vector<LaneCopy> copies;
    const std::int64_t end = std::min(part.C, (block + 1) * kBlock);
    for (std::int64_t c = block * kBlock, count = 0; c < end; c += count) {
        const std::int64_t channel = first + c;
        count = std::min(end - c, kBlock - channel % kBlock);
        copies.push_back({0, channel / kBlock, channel % kBlock, c % kBlock, count});
    }
    return copies;
}

std::int64_t lanes_of(const std::vector<LaneCopy>& copies) {
    std::int64_t lanes = 0;
    for (const LaneCopy& copy : copies) lanes += copy.count;
    return lanes;
}

}  // namespace

void concat_forward(const Execution& execution, const std::vector<Tensor*>& parts, const ConcatParams& params,
                    Tensor& y) {
    int exponent = parts[0]->exponent;
    for (const Tensor* part : parts) exponent = std::max(exponent, part->exponent);
    std::vector<ShiftRounding> roundings;
    for (const Tensor* part : parts) {
        roundings.push_back(shift_rounding(exponent - part->exponent, params.rounding.rounding, 32768));
    }
    const RandomWords random(execution, params.rounding, Purpose::align);
    const auto copies = copies_into_whole(params.channels, y.layout);
    for_tiles(execution.pool, y.layout, Cut::by_plane, [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) std::uint32_t words[kTile];
        alignas(kAlignment) std::int16_t gathered[kTile];
        alignas(kAlignment) std::int16_t aligned[kTile];
        const auto& of_block = copies[static_cast<std::size_t>(tile.plane % y.layout.blocks())];
        const std::int64_t image = tile.plane / y.layout.blocks();
        std::int16_t* target = y.mantissas() + tile.begin;
        if (lanes_of(of_block) < kBlock) std::fill_n(target, tile.count, std::int16_t{0});
        const std::uint32_t* drawn = nullptr;
        for (const LaneCopy& copy : of_block) {
            const Tensor& part = *parts[copy.source];
            const ShiftRounding& rounding = roundings[copy.source];
            const std::int16_t* from = source_of(part, copy, image, tile);
            if (part.exponent == exponent) {
                copy_lanes(from, copy.from, target, copy.to, copy.count, tile.pixels());
                continue;
            }
            if (drawn == nullptr) drawn = random.of(y.layout, tile, words);
            if (copy.whole()) {
                execution.kernels.align(from, tile.count, rounding, drawn, target);
                continue;
            }
            std::fill_n(gathered, tile.count, std::int16_t{0});
            copy_lanes(from, copy.from, gathered, copy.to, copy.count, tile.pixels());
            execution.kernels.align(gathered, tile.count, rounding, drawn, aligned);
            copy_lanes(aligned, copy.to, target, copy.to, copy.count, tile.pixels());
        }
    });
    y.exponent = exponent;
    // Aligned mantissas do not grow.
    y.non_negative = true;
    y.largest_mantissa = 0;
    for (const Tensor* part : parts) {
        y.non_negative = y.non_negative && part->non_negative;
        if (part->largest_mantissa < 0 || y.largest_mantissa < 0) {
            y.largest_mantissa = -1;
        } else {
            y.largest_mantissa = std::max(y.largest_mantissa, part->largest_mantissa);
        }
    }
}

void concat_backward(const Execution& execution, const Tensor& dy, const std::vector<Tensor*>& parts) {
    std::int64_t first = 0;
    for (Tensor* part : parts) {
        for_tiles(execution.pool, part->layout, Cut::by_plane, [&](const Tile& tile, std::int64_t) {
            const std::int64_t image = tile.plane / part->layout.blocks();
            const auto copies = copies_into_part(part->layout, tile.plane % part->layout.blocks(), first);
            std::int16_t* target = part->mantissas() + tile.begin;
            if (lanes_of(copies) < kBlock) std::fill_n(target, tile.count, std::int16_t{0});
            for (const LaneCopy& copy : copies) {
                copy_lanes(source_of(dy, copy, image, tile), copy.from, target, copy.to, copy.count, tile.pixels());
            }
        });
        part->exponent = dy.exponent;
        part->largest_mantissa = dy.largest_mantissa;
        first += part->layout.C;
    }
}

}  // namespace dfp16::fast
