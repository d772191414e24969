#include "reference/data/resize.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <vector>

namespace dfp16 {

namespace {

constexpr int kFractionBits = 20;
constexpr std::int32_t kHalf = std::int32_t{1} << (kFractionBits - 1);

/// The source pixels of one output, and their weights, which sum to about 2^20.
struct Taps {
    std::int64_t first = 0;
    std::vector<std::int32_t> weights;
};

/// Output i of `to` outputs made of `from` pixels: a triangle around its centre, as wide as the scale when shrinking.
Taps taps_of(std::int64_t from, std::int64_t to, std::int64_t i) {
    const std::int64_t centre = (2 * i + 1) * from;  // in units of 1 / (2 * to) pixel
    const std::int64_t reach = 2 * std::max(from, to);
    const auto weight = [&](std::int64_t j) {
        return std::max<std::int64_t>(0, reach - std::abs((2 * j + 1) * to - centre));
    };
    Taps taps;
    taps.first = std::max<std::int64_t>(0, (centre - reach - to) / (2 * to));
    while (weight(taps.first) == 0) ++taps.first;
    std::int64_t sum = 0;
    std::int64_t end = taps.first;
    for (; end < from && weight(end) > 0; ++end) sum += weight(end);
    for (std::int64_t j = taps.first; j < end; ++j) {
        taps.weights.push_back(static_cast<std::int32_t>(((weight(j) << (kFractionBits + 1)) + sum) / (2 * sum)));
    }
    return taps;
}

std::vector<Taps> all_taps(std::int64_t from, std::int64_t to, std::int64_t first, std::int64_t count) {
    std::vector<Taps> taps;
    for (std::int64_t i = first; i < first + count; ++i) taps.push_back(taps_of(from, to, i));
    return taps;
}

std::uint8_t rounded(std::int32_t sum) {
    return static_cast<std::uint8_t>(std::min(sum >> kFractionBits, 255));
}

/// One row, one channel: horizontal pass.
void shrink_row(const std::uint8_t* row, std::int64_t stride, const std::vector<Taps>& columns, bool mirrored,
                std::uint8_t* out) {
    const std::size_t width = columns.size();
    for (std::size_t x = 0; x < width; ++x) {
        const std::uint8_t* pixel = row + columns[x].first * stride;
        std::int32_t sum = kHalf;
        for (const std::int32_t weight : columns[x].weights) {
            sum += weight * *pixel;
            pixel += stride;
        }
        out[mirrored ? width - 1 - x : x] = rounded(sum);
    }
}

}  // namespace

void resize(const ImageView& image, const Sight& sight, std::uint8_t* out) {
    const std::vector<Taps> columns = all_taps(sight.source.width, sight.width, sight.window.left, sight.window.width);
    const std::vector<Taps> rows = all_taps(sight.source.height, sight.height, sight.window.top, sight.window.height);
    const std::int64_t first_row = rows.front().first;
    const std::int64_t end_row = rows.back().first + static_cast<std::int64_t>(rows.back().weights.size());
    const auto width = static_cast<std::size_t>(sight.window.width);
    std::vector<std::uint8_t> narrow(static_cast<std::size_t>(end_row - first_row) * width);
    std::vector<std::int32_t> sums(width);
    for (std::int64_t c = 0; c < image.channels; ++c) {
        const std::uint8_t* corner = image.pixels + c * image.channel_stride + sight.source.left * image.pixel_stride;
        for (std::int64_t y = first_row; y < end_row; ++y) {
            shrink_row(corner + (sight.source.top + y) * image.row_stride, image.pixel_stride, columns, sight.mirrored,
                       narrow.data() + static_cast<std::size_t>(y - first_row) * width);
        }
        for (const Taps& taps : rows) {
            std::fill(sums.begin(), sums.end(), kHalf);
            const std::uint8_t* row = narrow.data() + static_cast<std::size_t>(taps.first - first_row) * width;
            for (const std::int32_t weight : taps.weights) {
                for (std::size_t x = 0; x < width; ++x) sums[x] += weight * row[x];
                row += width;
            }
            for (std::size_t x = 0; x < width; ++x) *out++ = rounded(sums[x]);
        }
    }
}

}  // namespace dfp16
