#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <vector>

#include "fastpath/packing/certificate.h"
#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/packing/planar.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

namespace {

// Gradients of one tap row r that lie evenly spaced in the planar input: those of all channels at one s, or, where
// channels are few, those of one channel at s = phase, phase + stride, ...
struct Line {
    std::int64_t channel = 0, s = 0;            // of the first
    std::int64_t channel_step = 0, s_step = 0;  // to the next
    std::int64_t count = 0;
    std::int64_t origin = 0;        // element of a planar group
    std::int64_t first_sum = 0;     // among the sums of the tap row
    std::vector<TileSplit> splits;  // for the widest lane blocks, and for a narrower last one
};

// dy is packed, with its k as lanes; x is planar and broadcast. Images are taken in batches that a cache holds; sums
// stay from batch to batch.
class WeightGradient {
public:
    WeightGradient(const Products& products, const ConvParams& conv, const std::int16_t* x, const std::int16_t* dy,
                   std::int64_t largest_x)
        : products_(products),
          conv_(conv),
          policy_(conv.accumulation.policy),
          x_(x),
          dy_(dy),
          largest_x_(largest_x),
          input_(conv),
          blocks_{conv.K / conv.groups, widest_lanes(products.isa)},
          pairs_(conv.P * ((conv.Q + 1) / 2)) {
        plan_lines();
        plan_memory();
    }

    void run();
    /// Whether every result is within FP32.
    bool finish(double scale, std::uint32_t* dw) const;

private:
    void plan_lines();
    void plan_memory();
    void pack_input(std::int64_t first_image, std::int64_t images);
    std::int64_t pack_gradient(std::int64_t first_image, std::int64_t images);
    void accumulate(std::int64_t images, const std::vector<std::int64_t>& chains);
    void accumulate_line(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                         DotTileArguments arguments) const;
    char* sums_of(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const;
    PackedVectors packed(std::int64_t image_group) const {
        return {packed_ + image_group * 2 * pairs_ * blocks_.padded(), pairs_, blocks_};
    }

    const Products& products_;
    const ConvParams& conv_;
    Policy policy_;
    const std::int16_t* x_;
    const std::int16_t* dy_;
    std::int64_t largest_x_;
    PlanarInput input_;
    LaneBlocks blocks_;
    std::int64_t pairs_;
    std::vector<Line> lines_;
    std::vector<std::int64_t> offsets_;
    std::int64_t batch_ = 1;
    std::int16_t* planar_ = nullptr;
    std::int16_t* packed_ = nullptr;
    char* sums_ = nullptr;  // [group][block][r][Cg * S][lanes]
};

void WeightGradient::plan_lines() {
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t sw = conv_.stride[1];
    if (channels >= (conv_.S + sw - 1) / sw) {
        for (std::int64_t s = 0; s < conv_.S; ++s) lines_.push_back({0, s, 1, 0, channels, 0, 0, {}});
    } else {
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t phase = 0; phase < input_.phases; ++phase) {
                lines_.push_back({c, phase, 0, sw, (conv_.S - phase + sw - 1) / sw, 0, 0, {}});
            }
        }
    }
    std::int64_t sum = 0;
    for (Line& line : lines_) {
        line.origin = input_.place(line.channel, line.s);
        line.first_sum = sum;
        sum += line.count;
        const std::int64_t step = 2 * (line.channel_step > 0 ? input_.channel_elements() : 1);
        for (const std::int64_t block : {std::int64_t{0}, blocks_.count() - 1}) {
            line.splits.emplace_back(products_.isa, policy_, line.count, blocks_.lanes(block), step, false);
        }
    }
    for (std::int64_t p = 0; p < conv_.P; ++p) {
        for (std::int64_t q = 0; q < conv_.Q; q += 2) {
            offsets_.push_back(2 * (p * conv_.stride[0] * input_.row_elements + q));
        }
    }
}

void WeightGradient::plan_memory() {
    constexpr std::int64_t batch_elements = 512 * 1024;  // a second-level cache
    const std::int64_t planar_image = conv_.C * input_.channel_elements();
    const std::int64_t packed_image = conv_.groups * 2 * pairs_ * blocks_.padded();
    batch_ = std::clamp(batch_elements / (planar_image + packed_image), std::int64_t{1}, conv_.N);
    planar_ = kept<std::int16_t>(Kept::operand, batch_ * planar_image);
    packed_ = kept<std::int16_t>(Kept::vectors, batch_ * packed_image);
    const std::int64_t sums =
        conv_.groups * blocks_.padded() * conv_.R * conv_.S * (conv_.C / conv_.groups) * sum_bytes(policy_);
    sums_ = kept<char>(Kept::sums, sums);
    std::memset(sums_, 0, static_cast<std::size_t>(sums));
}

char* WeightGradient::sums_of(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const {
    const std::int64_t row_sums = conv_.C / conv_.groups * conv_.S;
    const std::int64_t rows_before = (group * blocks_.padded() + blocks_.first(block)) * conv_.R * row_sums;
    return sums_ + (rows_before + (r * row_sums + sum) * blocks_.lanes(block)) * sum_bytes(policy_);
}

void WeightGradient::run() {
    for (std::int64_t first = 0; first < conv_.N; first += batch_) {
        const std::int64_t images = std::min(batch_, conv_.N - first);
        pack_input(first, images);
        accumulate(images, chains_of(pairs_, conv_.accumulation, pack_gradient(first, images)));
    }
}

void WeightGradient::pack_input(std::int64_t first_image, std::int64_t images) {
    const std::int64_t blocks = (conv_.C / conv_.groups + 15) / 16;
    products_.pool->parallel_for(images * conv_.groups * blocks, [&](std::int64_t job, int) {
        const std::int64_t image_group = job / blocks;
        const std::int64_t from = (first_image * conv_.groups + image_group) * blocks + job % blocks;
        input_.pack_block(vector_ops(products_.isa), x_ + from * conv_.H * conv_.W * 16, job % blocks,
                          planar_ + image_group * (conv_.C / conv_.groups) * input_.channel_elements());
    });
}

// Gives the chain length that is certified for all images packed.
std::int64_t WeightGradient::pack_gradient(std::int64_t first_image, std::int64_t images) {
    const VectorOps& ops = vector_ops(products_.isa);
    const std::int64_t count = blocks_.count();
    std::vector<std::int64_t> certified(static_cast<std::size_t>(images * conv_.groups * count), kUnbounded);
    products_.pool->parallel_for(images * conv_.groups * count, [&](std::int64_t job, int) {
        const std::int64_t block = job % count;
        const std::int64_t lanes = blocks_.lanes(block);
        std::int16_t* out = packed(job / count).block(block);
        const std::int64_t image_group = first_image * conv_.groups + job / count;
        for (std::int64_t part = 0; part < lanes / 16; ++part) {
            const std::int64_t from = image_group * blocks_.padded() / 16 + blocks_.first(block) / 16 + part;
            for (std::int64_t p = 0; p < conv_.P; ++p) {
                ops.interleave_rows(dy_ + (from * conv_.P + p) * conv_.Q * 16, conv_.Q,
                                    out + (p * ((conv_.Q + 1) / 2) * lanes + part * 16) * 2, lanes * 2);
            }
        }
        if (policy_ != Policy::exact) return;
        certified[static_cast<std::size_t>(job)] = certified_chain(ops, out, pairs_, lanes, l1_limit(largest_x_));
    });
    return *std::min_element(certified.begin(), certified.end());
}

void WeightGradient::accumulate(std::int64_t images, const std::vector<std::int64_t>& chains) {
    const std::int64_t lines = static_cast<std::int64_t>(lines_.size());
    products_.pool->parallel_for(conv_.groups * blocks_.count() * conv_.R * lines, [&](std::int64_t job, int) {
        const Line& line = lines_[static_cast<std::size_t>(job % lines)];
        const std::int64_t r = job / lines % conv_.R;
        const std::int64_t block = job / lines / conv_.R % blocks_.count();
        const std::int64_t group = job / lines / conv_.R / blocks_.count();
        DotTileArguments arguments;
        arguments.offsets = offsets_.data();
        arguments.chains = chains.data();
        arguments.chain_count = static_cast<std::int64_t>(chains.size());
        for (std::int64_t image = 0; image < images; ++image) {
            const std::int64_t image_group = image * conv_.groups + group;
            arguments.vectors = packed(image_group).block(block);
            arguments.broadcast = planar_ + image_group * (conv_.C / conv_.groups) * input_.channel_elements();
            accumulate_line(line, group, block, r, arguments);
        }
    });
}

void WeightGradient::accumulate_line(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                                     DotTileArguments arguments) const {
    const TileSplit& split = line.splits[block + 1 < blocks_.count() ? 0 : 1];
    const std::int16_t* origin = arguments.broadcast + line.origin + r * input_.row_elements;
    const std::int64_t step = line.channel_step > 0 ? input_.channel_elements() : 1;
    for (std::int64_t tile = 0; tile < split.tiles(); ++tile) {
        arguments.broadcast = origin + split.first(tile) * step;
        arguments.sums = sums_of(group, block, r, line.first_sum + split.first(tile));
        split.run(tile, arguments);
    }
}

bool WeightGradient::finish(double scale, std::uint32_t* dw) const {
    const std::int64_t channels = conv_.C / conv_.groups;
    std::atomic<bool> beyond{false};
    products_.pool->parallel_for(conv_.groups * blocks_.count() * conv_.R, [&](std::int64_t job, int) {
        const std::int64_t r = job % conv_.R;
        const std::int64_t block = job / conv_.R % blocks_.count();
        const std::int64_t group = job / conv_.R / blocks_.count();
        const std::int64_t first_k = group * blocks_.channels + blocks_.first(block);
        std::uint32_t lanes[32];
        for (const Line& line : lines_) {
            for (std::int64_t i = 0; i < line.count; ++i) {
                const std::int64_t used = blocks_.used(block);
                if (fast::finish(products_.isa, policy_,
                                 {sums_of(group, block, r, line.first_sum + i), 1, 0, used, scale, lanes, 0})) {
                    beyond = true;
                }
                const std::int64_t c = line.channel + i * line.channel_step;
                const std::int64_t s = line.s + i * line.s_step;
                for (std::int64_t lane = 0; lane < used; ++lane) {
                    dw[(((first_k + lane) * channels + c) * conv_.R + r) * conv_.S + s] = lanes[lane];
                }
            }
        }
    });
    return !beyond;
}

// Where the order does not count, an image that is taken pixel by pixel is one long row.
ConvParams flattened(const ConvParams& conv) {
    ConvParams flat = conv;
    const bool any_order = conv.accumulation.policy == Policy::exact || conv.accumulation.policy == Policy::wrap;
    if (any_order && conv.R == 1 && conv.S == 1 && conv.stride == std::array<std::int64_t, 2>{1, 1} &&
        conv.pad == std::array<std::int64_t, 2>{0, 0}) {
        flat.W = flat.Q = conv.H * conv.W;
        flat.H = flat.P = 1;
    }
    return flat;
}

}  // namespace

void conv_weight_gradient(const Products& products, const ConvParams& conv, Operand x, Operand dy, Result dw) {
    const std::array x_shape{conv.N, conv.C, conv.H, conv.W};
    const std::array dy_shape{conv.N, conv.K, conv.P, conv.Q};
    const std::array dw_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const Policy policy = conv.accumulation.policy;
    const std::int64_t largest_x = check_operand(products, policy, {"x", x_shape, true}, x.mantissas);
    check_operand(products, policy, {"dy", dy_shape, true}, dy.mantissas);

    const Activation in{conv.N, conv.C, conv.H, conv.W, conv.groups};
    const Activation out{conv.N, conv.K, conv.P, conv.Q, conv.groups};
    std::int16_t* grouped_x = in.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_operand, in.grouped_elements());
    std::int16_t* grouped_dy =
        out.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_second, out.grouped_elements());
    const ConvParams flat = flattened(conv);
    WeightGradient gradient(products, flat, group_channels(*products.pool, in, x.mantissas, grouped_x),
                            group_channels(*products.pool, out, dy.mantissas, grouped_dy), largest_x);
    gradient.run();
    auto* results =
        dw.fp32 != nullptr ? reinterpret_cast<std::uint32_t*>(dw.fp32) : reinterpret_cast<std::uint32_t*>(dw.int32);
    if (!gradient.finish(scale_of(x, dy), results)) throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
}

}  // namespace dfp16::fast
