#include "fastpath/packing/planar.h"

#include <utility>

namespace dfp16::fast {

void PlanarInput::pack_block(const VectorOps& ops, const std::int16_t* from, std::int64_t block, std::int64_t image,
                             std::int64_t first_row, std::int16_t* group) const {
    const std::int64_t channels = std::min<std::int64_t>(16, conv.C / conv.groups - 16 * block);
    const std::int64_t stride = conv.stride[1];
    std::int16_t* out = group + 16 * block * channel_elements() + image * image_elements();
    if (has_margins()) {
        for (std::int64_t c = 0; c < channels; ++c) {
            std::fill_n(out + c * channel_elements(), image_elements(), std::int16_t{0});
        }
    }
    for (std::int64_t phase = 0; phase < phases; ++phase) {
        // Columns j whose pixel j * stride + phase - pad exists.
        const std::int64_t shift = conv.pad[1] - phase;
        const std::int64_t begin = shift > 0 ? (shift + stride - 1) / stride : 0;
        const std::int64_t end = std::min(row_elements, (conv.W + shift + stride - 1) / stride);
        if (begin >= end) continue;
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::int64_t met = conv.R < conv.stride[0] ? row / conv.R * conv.stride[0] + row % conv.R : row;
            const std::int64_t h = first_row * conv.stride[0] + met - conv.pad[0];
            if (h < 0 || h >= conv.H) continue;
            ops.transpose_rows(from + (h * conv.W + begin * stride - shift) * 16, 16 * stride, end - begin, channels,
                               out + (phase * rows + row) * row_elements + begin, channel_elements());
        }
    }
    if (has_margins() || row_elements == conv.Q) return;
    for (std::int64_t i = 0; i < channels * rows; ++i) {  // an odd row's last pair
        std::int16_t* pair = out + i / rows * channel_elements() + i % rows * row_elements + conv.Q - 1;
        pair[1] = last_ends_pair ? std::exchange(pair[0], std::int16_t{0}) : std::int16_t{0};
    }
}

}  // namespace dfp16::fast
