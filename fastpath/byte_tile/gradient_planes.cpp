#include "fastpath/byte_tile/gradient_planes.h"

#include <algorithm>

#include "fastpath/byte_tile/plane_row.h"

namespace dfp16::fast {

namespace {

// Rows or columns from one image or row to the next, where `outputs` meet `outputs` + `below`: fewer, if those that lie
// behind the input, and those that are met instead, are zeros.
std::int64_t pitch(std::int64_t size, std::int64_t taps, std::int64_t step, std::int64_t pad, std::int64_t outputs) {
    const std::int64_t met = outputs + (taps - 1) / step;
    const std::int64_t shared = std::max(outputs, (size + pad + step - 1) / step);
    const std::int64_t last_phase = std::min(step, taps) - 1;
    const bool zeros = (met - shared - 1) * step + last_phase < pad;
    return shared < met && zeros ? shared : met;
}

}  // namespace

GradientPlanes::GradientPlanes(const ConvParams& conv)
    : row_pixels(pitch(conv.W, conv.S, conv.stride[1], conv.pad[1], conv.Q)),
      rows_between(pitch(conv.H, conv.R, conv.stride[0], conv.pad[0], conv.P) - conv.P),
      rows_below((conv.R - 1) / conv.stride[0]),
      reach(rows_below * row_pixels + (conv.S - 1) / conv.stride[1]),
      phases{std::min(conv.stride[0], conv.R), std::min(conv.stride[1], conv.S)} {}

void PlaneOperand::gather(const GradientPlanes& planes, const Chunk& chunk, std::int64_t block, std::int64_t plane,
                          std::int64_t pixels, std::int16_t* to) const {
    std::int16_t* const end = to + pixels * 16;
    for (std::int64_t image = 0; image < chunk.images; ++image) {
        const std::int64_t image_block = (chunk.first_image + image) * blocks() + block;
        const std::int16_t* from = data + image_block * shape.H * shape.W * 16;
        const std::int64_t below = image + 1 < chunk.images ? planes.rows_between : planes.rows_below;
        for (std::int64_t row = 0; row < chunk.rows + below; ++row, to += planes.row_pixels * 16) {
            if (end - to < planes.row_pixels * 16) break;  // behind the last outputs
            const bool beyond = between_zeros && row >= chunk.rows;
            const std::int64_t of_input = (chunk.first_row + row) * step[0] + plane / phases[1] - before[0];
            gather_row(from, beyond ? -1 : of_input, plane % phases[1], planes.row_pixels, to);
        }
    }
    std::fill(to, end, std::int16_t{0});
}

// Outside of the input there are zeros.
void PlaneOperand::gather_row(const std::int16_t* from, std::int64_t row, std::int64_t plane_col, std::int64_t cols,
                              std::int16_t* to) const {
    const std::int64_t left = before[1] - plane_col;
    const PlaneRow inside(shape.W, step[1], left, cols);
    if (row < 0 || row >= shape.H || inside.first == inside.end) {
        std::fill_n(to, cols * 16, std::int16_t{0});
        return;
    }
    std::fill_n(to, inside.first * 16, std::int16_t{0});
    const std::int16_t* pixel = from + (row * shape.W + inside.first * step[1] - left) * 16;
    if (step[1] == 1) {
        std::copy_n(pixel, (inside.end - inside.first) * 16, to + inside.first * 16);
    } else {
        for (std::int64_t i = inside.first; i < inside.end; ++i, pixel += step[1] * 16) {
            std::copy_n(pixel, 16, to + i * 16);
        }
    }
    std::fill(to + inside.end * 16, to + cols * 16, std::int16_t{0});
}

}  // namespace dfp16::fast
