#include "reference/fp32/im2col.h"

#include <algorithm>

namespace dfp16::fp32 {

namespace {

constexpr std::int64_t kPixels = 512;  // of a block, about: the columns of a common layer then fit in L2
constexpr std::int64_t kBlocks = 4;    // at least, for the threads, if there are as many images

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

/// Outputs q in [begin, end) whose input q * stride - pad + tap is within [0, size).
struct Range {
    std::int64_t begin, end;
    Range(std::int64_t outputs, std::int64_t size, std::int64_t stride, std::int64_t pad, std::int64_t tap) {
        const std::int64_t first = tap < pad ? divide_up(pad - tap, stride) : 0;
        const std::int64_t past = size + pad > tap ? divide_up(size + pad - tap, stride) : 0;
        end = std::min(outputs, past);
        begin = std::min(first, end);
    }
};

/// Calls body(column position, offset of the input row's first element, r, s) for each row of Q pixels in each row of
/// the columns; the offset is -1 where the input row is padding.
template <typename Body>
void for_column_rows(const ConvParams& conv, const Block& block, const Body& body) {
    const std::int64_t channels = conv.C / conv.groups;
    std::int64_t position = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t tap = 0; tap < conv.R * conv.S; ++tap) {
            for (std::int64_t n = block.image; n < block.image + block.images; ++n) {
                const std::int64_t plane = (n * conv.C + block.group * channels + c) * conv.H;
                for (std::int64_t p = block.row; p < block.row + block.rows; ++p, position += conv.Q) {
                    const std::int64_t i = p * conv.stride[0] - conv.pad[0] + tap / conv.S;
                    body(position, i < 0 || i >= conv.H ? -1 : (plane + i) * conv.W, tap % conv.S);
                }
            }
        }
    }
}

/// Calls body(offset in y, offset in the matrix) for each piece of `pieces` contiguous pixels.
template <typename Body>
void for_output_pieces(const ConvParams& conv, const Block& block, const Body& body) {
    const std::int64_t channels = conv.K / conv.groups;
    const std::int64_t piece = block.rows * conv.Q;
    for (std::int64_t k = 0; k < channels; ++k) {
        for (std::int64_t n = 0; n < block.images; ++n) {
            const std::int64_t plane = (block.image + n) * conv.K + block.group * channels + k;
            body((plane * conv.P + block.row) * conv.Q, (k * block.images + n) * piece, piece);
        }
    }
}

}  // namespace

Blocking::Blocking(const ConvParams& conv) {
    images = std::clamp<std::int64_t>(kPixels / (conv.P * conv.Q), 1, divide_up(conv.N, kBlocks));
    blocks = divide_up(conv.N, images);
    rows = divide_up(conv.P, divide_up(conv.P * conv.Q, kPixels));
    if (images > 1) rows = conv.P;
}

bool is_plain(const ConvParams& conv, const Block& block) {
    return conv.R == 1 && conv.S == 1 && conv.stride[0] == 1 && conv.stride[1] == 1 && conv.pad[0] == 0 &&
           conv.pad[1] == 0 && block.images == 1;
}

void im2col(const ConvParams& conv, const Block& block, const float* x, float* columns) {
    for_column_rows(conv, block, [&](std::int64_t position, std::int64_t row, std::int64_t s) {
        float* out = columns + position;
        if (row < 0) {
            std::fill_n(out, conv.Q, 0.0f);
            return;
        }
        const std::int64_t stride = conv.stride[1];
        const Range inside(conv.Q, conv.W, stride, conv.pad[1], s);
        const float* in = x + row + (s - conv.pad[1]);
        std::fill(out, out + inside.begin, 0.0f);
        if (stride == 1) {
            std::copy(in + inside.begin, in + inside.end, out + inside.begin);
        } else {
            for (std::int64_t q = inside.begin; q < inside.end; ++q) out[q] = in[q * stride];
        }
        std::fill(out + inside.end, out + conv.Q, 0.0f);
    });
}

void add_col2im(const ConvParams& conv, const Block& block, const float* columns, float* dx) {
    for_column_rows(conv, block, [&](std::int64_t position, std::int64_t row, std::int64_t s) {
        if (row < 0) return;
        const std::int64_t stride = conv.stride[1];
        const Range inside(conv.Q, conv.W, stride, conv.pad[1], s);
        const float* in = columns + position;
        float* out = dx + row + (s - conv.pad[1]);
        for (std::int64_t q = inside.begin; q < inside.end; ++q) out[q * stride] += in[q];
    });
}

void gather_output(const ConvParams& conv, const Block& block, const float* y, float* matrix) {
    for_output_pieces(conv, block, [&](std::int64_t from, std::int64_t to, std::int64_t count) {
        std::copy_n(y + from, count, matrix + to);
    });
}

void scatter_output(const ConvParams& conv, const Block& block, const float* matrix, float* y) {
    for_output_pieces(conv, block, [&](std::int64_t to, std::int64_t from, std::int64_t count) {
        std::copy_n(matrix + from, count, y + to);
    });
}

}  // namespace dfp16::fp32
