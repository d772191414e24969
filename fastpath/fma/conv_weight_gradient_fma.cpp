#include <algorithm>
#include <array>
#include <atomic>

#include "fastpath/fma/fma_input.h"
#include "fastpath/fma/fma_kernels.h"
#include "fastpath/fma/fma_products.h"
#include "fastpath/fma/fma_results.h"
#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/products_check.h"

namespace dfp16::fast {

namespace {

/// Outputs first .. end - 1 of a dimension meet the input through a tap.
struct Range {
    std::int64_t first = 0;
    std::int64_t end = 0;
    friend bool operator==(const Range&, const Range&) = default;
};

Range outputs_through(std::int64_t tap, std::int64_t outputs, std::int64_t size, std::int64_t stride,
                      std::int64_t pad) {
    const std::int64_t before = std::max<std::int64_t>(0, pad - tap);
    const std::int64_t after = size + pad - tap;  // outputs * stride reach it
    const std::int64_t first = (before + stride - 1) / stride;
    const std::int64_t end = after <= 0 ? 0 : std::min(outputs, (after + stride - 1) / stride);
    return {first, std::max(first, end)};
}

// Lanes are 16 output channels; the channels of an input pixel are broadcast side by side.
class FmaWeightGradient {
public:
    FmaWeightGradient(const Products& products, const ConvParams& conv, const FmaInput& x, const float* dy, float* dw)
        : products_(products),
          conv_(conv),
          kernels_(fma_kernels(products.isa)),
          in_{conv.N, conv.C, conv.H, conv.W, conv.groups},
          out_{conv.N, conv.K, conv.P, conv.Q, conv.groups},
          x_(x),
          dy_(dy),
          dw_(dw) {}

    /// Whether every result is finite.
    bool run();

private:
    /// One tap row r of a block of output and a block of input channels.
    struct Job {
        std::int64_t group, out_block, in_block, r;
        std::int64_t channels;
    };

    void accumulate(const Job& job, float* sums) const;
    void store(const Job& job, const float* sums) const;

    const Products& products_;
    const ConvParams& conv_;
    const FmaKernels& kernels_;
    Activation in_, out_;
    FmaInput x_;
    const float* dy_;
    float* dw_;
};

bool FmaWeightGradient::run() {
    const std::int64_t in_blocks = in_.group_blocks();
    const std::int64_t out_blocks = out_.group_blocks();
    std::atomic<bool> beyond{false};
    products_.pool->parallel_for(conv_.groups * out_blocks * in_blocks * conv_.R, [&](std::int64_t index, int) {
        Job job{index / conv_.R / in_blocks / out_blocks, index / conv_.R / in_blocks % out_blocks,
                index / conv_.R % in_blocks, index % conv_.R, 0};
        job.channels = std::min<std::int64_t>(16, in_.group_channels() - job.in_block * 16);
        const std::int64_t rows = conv_.S * job.channels;
        auto* sums = kept<float>(Kept::sums, rows * kFmaLanes);
        std::fill_n(sums, rows * kFmaLanes, 0.0f);
        accumulate(job, sums);
        if (!all_finite(products_.isa, sums, rows)) beyond = true;
        store(job, sums);
    });
    return !beyond;
}

/// sums: [S][channel][16].
void FmaWeightGradient::accumulate(const Job& job, float* sums) const {
    const Range rows = outputs_through(job.r, conv_.P, conv_.H, conv_.stride[0], conv_.pad[0]);
    const auto columns = [&](std::int64_t s) {
        return outputs_through(s, conv_.Q, conv_.W, conv_.stride[1], conv_.pad[1]);
    };
    FmaPixels arguments{};
    arguments.broadcast_row = conv_.stride[0] * conv_.W * x_.pixel;
    arguments.broadcast_pixel = conv_.stride[1] * x_.pixel;
    arguments.lanes_row = conv_.Q * 16;
    arguments.rows = rows.end - rows.first;
    for (std::int64_t n = 0; n < conv_.N; ++n) {
        const std::int64_t x_plane = (n * conv_.groups + job.group) * in_.group_blocks() + job.in_block;
        const std::int64_t dy_plane = (n * conv_.groups + job.group) * out_.group_blocks() + job.out_block;
        for (std::int64_t s = 0, next = 0; s < conv_.S; s = next) {
            const Range cols = columns(s);
            // Taps side by side that meet the same outputs, if nothing lies between their channels.
            for (next = s + 1; job.channels == x_.pixel && next < conv_.S && columns(next) == cols;) ++next;
            if (rows.first == rows.end || cols.first == cols.end) continue;
            const std::int64_t h = rows.first * conv_.stride[0] - conv_.pad[0] + job.r;
            const std::int64_t w = cols.first * conv_.stride[1] - conv_.pad[1] + s;
            const float* pixel = x_.data + ((x_plane * conv_.H + h) * conv_.W + w) * x_.pixel;
            arguments.lanes = dy_ + ((dy_plane * conv_.P + rows.first) * conv_.Q + cols.first) * 16;
            arguments.pixels = cols.end - cols.first;
            const std::int64_t chains = (next - s) * job.channels;
            for (std::int64_t i = 0; i < chains; i += arguments.tile) {
                arguments.tile = next_fma_tile(chains - i, kernels_.largest_tile);
                arguments.broadcast = pixel + i;
                arguments.sums = sums + (s * job.channels + i) * kFmaLanes;
                kernels_.pixels(arguments);
            }
        }
    }
}

void FmaWeightGradient::store(const Job& job, const float* sums) const {
    const std::int64_t channels = in_.group_channels();
    const std::int64_t used = std::min<std::int64_t>(kFmaLanes, out_.group_channels() - job.out_block * kFmaLanes);
    for (std::int64_t lane = 0; lane < used; ++lane) {
        const std::int64_t k = job.group * out_.group_channels() + job.out_block * kFmaLanes + lane;
        for (std::int64_t c = 0; c < job.channels; ++c) {
            float* row = dw_ + ((k * channels + job.in_block * 16 + c) * conv_.R + job.r) * conv_.S;
            for (std::int64_t s = 0; s < conv_.S; ++s) row[s] = sums[(s * job.channels + c) * kFmaLanes + lane];
        }
    }
}

}  // namespace

void conv_weight_gradient_fma(const Products& products, const ConvParams& conv, const float* x, const float* dy,
                              float* dw) {
    const std::array dw_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const Activation in{conv.N, conv.C, conv.H, conv.W, conv.groups};
    const Activation out{conv.N, conv.K, conv.P, conv.Q, conv.groups};
    float* grouped_dy = out.aligned() ? nullptr : kept<float>(Kept::grouped_second, out.grouped_elements());
    FmaWeightGradient gradient(products, conv, fma_input(*products.pool, in, x, Kept::grouped_operand),
                               group_channels(*products.pool, out, dy, grouped_dy), dw);
    if (!gradient.run()) throw_beyond_fp32({"dw", dw_shape, false}, dw);
}

}  // namespace dfp16::fast
