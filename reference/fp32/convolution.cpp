// Convolution (contract section 7) by im2col and GEMM, block by block.
#include <algorithm>

#include "reference/fp32/im2col.h"
#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

namespace {

enum Slot : std::size_t { kColumns, kOutput };

std::int64_t taps_of(const ConvParams& conv) {
    return conv.C / conv.groups * conv.R * conv.S;
}

/// The group's weights (K/groups, taps).
Matrix weights_of(const ConvParams& conv, const float* w, std::int64_t group) {
    const std::int64_t channels = conv.K / conv.groups;
    return {w + group * channels * taps_of(conv), channels, taps_of(conv), taps_of(conv)};
}

/// Where the group's first channel of the block's first pixel is, in tensors (N, channels, rows, width).
std::int64_t offset_of(const Block& block, std::int64_t groups, std::int64_t channels, std::int64_t rows,
                       std::int64_t width) {
    return ((block.image * channels + block.group * (channels / groups)) * rows + block.row) * width;
}

std::int64_t offset_in_x(const ConvParams& conv, const Block& block) {
    return offset_of(block, conv.groups, conv.C, conv.H, conv.W);
}

std::int64_t offset_in_y(const ConvParams& conv, const Block& block) {
    return offset_of(block, conv.groups, conv.K, conv.P, conv.Q);
}

/// The columns (taps, pixels) of a block.
Matrix columns_of(const Call& call, const ConvParams& conv, const Block& block, const float* x, int thread) {
    const std::int64_t pixels = block.pixels(conv);
    if (is_plain(conv, block)) return {x + offset_in_x(conv, block), taps_of(conv), pixels, conv.H * conv.W};
    float* columns = call.scratch.of_thread(thread, kColumns, taps_of(conv) * pixels);
    im2col(conv, block, x, columns);
    return {columns, taps_of(conv), pixels, pixels};
}

/// dy of a block as a matrix (K/groups, pixels).
Matrix gradient_of(const Call& call, const ConvParams& conv, const Block& block, const float* dy, int thread) {
    const std::int64_t pixels = block.pixels(conv);
    const std::int64_t channels = conv.K / conv.groups;
    if (block.images == 1) return {dy + offset_in_y(conv, block), channels, pixels, conv.P * conv.Q};
    float* matrix = call.scratch.of_thread(thread, kOutput, channels * pixels);
    gather_output(conv, block, dy, matrix);
    return {matrix, channels, pixels, pixels};
}

/// dw of one group over blocks [first, end) -> (K/groups, taps), written over.
void sum_weight_gradient(const Call& call, const Blocking& blocking, std::int64_t group, std::int64_t first,
                         std::int64_t end, float* dw, int thread) {
    const auto& conv = call.params<ConvParams>();
    bool accumulate = false;
    for (std::int64_t index = first; index < end; ++index) {
        for_strips(conv, blocking, index, group, [&](const Block& block) {
            const Matrix dy = gradient_of(call, conv, block, call.input(1), thread);
            Matrix columns = columns_of(call, conv, block, call.input(0), thread);
            std::swap(columns.rows, columns.cols);
            columns.transposed = true;
            call.gemm(dy, columns, dw, taps_of(conv), accumulate);
            accumulate = true;
        });
    }
}

}  // namespace

void conv_forward(const Call& call) {
    const auto& conv = call.params<ConvParams>();
    const Blocking blocking(conv);
    float* y = call.output(0);
    call.pool.parallel_for(blocking.blocks * conv.groups, [&](std::int64_t unit, int thread) {
        for_strips(conv, blocking, unit / conv.groups, unit % conv.groups, [&](const Block& block) {
            const Matrix w = weights_of(conv, call.input(1), block.group);
            const Matrix columns = columns_of(call, conv, block, call.input(0), thread);
            if (block.images == 1) {
                call.gemm(w, columns, y + offset_in_y(conv, block), conv.P * conv.Q, false);
                return;
            }
            float* matrix = call.scratch.of_thread(thread, kOutput, w.rows * columns.cols);
            call.gemm(w, columns, matrix, columns.cols, false);
            scatter_output(conv, block, matrix, y);
        });
    });
}

void conv_backward_data(const Call& call) {
    const auto& conv = call.params<ConvParams>();
    const Blocking blocking(conv);
    const std::int64_t group_pixels = conv.C / conv.groups * conv.H * conv.W;
    float* dx = call.output(0);
    call.pool.parallel_for(blocking.blocks * conv.groups, [&](std::int64_t unit, int thread) {
        for_strips(conv, blocking, unit / conv.groups, unit % conv.groups, [&](const Block& block) {
            Matrix w = weights_of(conv, call.input(1), block.group);
            std::swap(w.rows, w.cols);
            w.transposed = true;
            const Matrix dy = gradient_of(call, conv, block, call.input(0), thread);
            if (is_plain(conv, block)) {
                call.gemm(w, dy, dx + offset_in_x(conv, block), conv.H * conv.W, false);
                return;
            }
            float* columns = call.scratch.of_thread(thread, kColumns, w.rows * dy.cols);
            call.gemm(w, dy, columns, dy.cols, false);
            for (std::int64_t n = block.image; block.row == 0 && n < block.image + block.images; ++n) {
                std::fill_n(dx + (n * conv.groups + block.group) * group_pixels, group_pixels, 0.0f);
            }
            add_col2im(conv, block, columns, dx);
        });
    });
}

void conv_weight_gradient(const Call& call) {
    const auto& conv = call.params<ConvParams>();
    const Blocking blocking(conv);
    constexpr std::int64_t kPartials = 8;
    const std::int64_t partials = std::min(blocking.blocks, kPartials);
    const std::int64_t group_size = conv.K / conv.groups * taps_of(conv);
    const std::int64_t size = conv.groups * group_size;
    float* dw = call.output(0);
    float* sums = partials == 1 ? dw : call.scratch.shared(partials * size);
    call.pool.parallel_for(partials * conv.groups, [&](std::int64_t unit, int thread) {
        const std::int64_t partial = unit / conv.groups;
        const std::int64_t group = unit % conv.groups;
        sum_weight_gradient(call, blocking, group, partial * blocking.blocks / partials,
                            (partial + 1) * blocking.blocks / partials, sums + partial * size + group * group_size,
                            thread);
    });
    if (partials == 1) return;
    for_parts(call.pool, size, [&](std::int64_t first, std::int64_t end) {
        std::copy(sums + first, sums + end, dw + first);
        for (std::int64_t partial = 1; partial < partials; ++partial) {
            const float* other = sums + partial * size;
            for (std::int64_t i = first; i < end; ++i) dw[i] += other[i];
        }
    });
}

}  // namespace dfp16::fp32
