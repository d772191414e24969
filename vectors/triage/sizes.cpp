#include "vectors/triage/sizes.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace dfp16::triage {

namespace {

using Set = std::function<void(CaseHeader&, std::int64_t)>;

/// A setter for one kind of parameters.
template <typename Params, typename Change>
Set setter(Change change) {
    return [change](CaseHeader& header, std::int64_t value) { change(std::get<Params>(header.params), value); };
}

void set_outputs(ConvParams& c) {
    c.P = output_size(c.H, c.R, c.stride[0], c.pad[0]);
    c.Q = output_size(c.W, c.S, c.stride[1], c.pad[1]);
}

void set_outputs(PoolParams& p) {
    p.P = pooled_size(p.H, p.R, p.stride[0], p.pad[0], p.size);
    p.Q = pooled_size(p.W, p.S, p.stride[1], p.pad[1], p.size);
}

/// What convolution and pooling share. With a stride the input shrinks too, so that outputs stay as many.
template <typename Params>
void add_windows(std::vector<Size>& sizes, const Params& params) {
    const auto add = [&](const char* name, std::int64_t value, std::int64_t least, auto change) {
        sizes.push_back({name, value, least, setter<Params>([change](Params& p, std::int64_t v) {
                             change(p, v);
                             set_outputs(p);
                         })});
    };
    add("H", params.H, 1, [](Params& p, std::int64_t v) { p.H = v; });
    add("W", params.W, 1, [](Params& p, std::int64_t v) { p.W = v; });
    add("R", params.R, 1, [](Params& p, std::int64_t v) { p.R = v; });
    add("S", params.S, 1, [](Params& p, std::int64_t v) { p.S = v; });
    add("pad h", params.pad[0], 0, [](Params& p, std::int64_t v) { p.pad[0] = v; });
    add("pad w", params.pad[1], 0, [](Params& p, std::int64_t v) { p.pad[1] = v; });
    add("stride h", params.stride[0], 1, [](Params& p, std::int64_t v) {
        p.H = std::clamp<std::int64_t>((p.P - 1) * v + p.R - 2 * p.pad[0], 1, p.H);
        p.stride[0] = v;
    });
    add("stride w", params.stride[1], 1, [](Params& p, std::int64_t v) {
        p.W = std::clamp<std::int64_t>((p.Q - 1) * v + p.S - 2 * p.pad[1], 1, p.W);
        p.stride[1] = v;
    });
}

template <typename Params>
Size chain_of(const Params& params) {
    const bool counts = params.accumulation.policy == Policy::chain;
    return {"chain", counts ? params.accumulation.chain : 1, 1,
            setter<Params>([](Params& p, std::int64_t v) { p.accumulation.chain = v; })};
}

std::vector<Size> sizes_of(const ConvParams& params) {
    std::vector<Size> sizes = {
        {"N", params.N, 1, setter<ConvParams>([](ConvParams& p, std::int64_t v) { p.N = v; })},
        {"groups", params.groups, 1, setter<ConvParams>([](ConvParams& p, std::int64_t v) {
             p.C = p.C / p.groups * v;
             p.K = p.K / p.groups * v;
             p.groups = v;
         })},
        {"C", params.C / params.groups, 1,
         setter<ConvParams>([](ConvParams& p, std::int64_t v) { p.C = p.groups * v; })},
        {"K", params.K / params.groups, 1,
         setter<ConvParams>([](ConvParams& p, std::int64_t v) { p.K = p.groups * v; })},
    };
    add_windows(sizes, params);
    sizes.push_back(chain_of(params));
    return sizes;
}

std::vector<Size> sizes_of(const PoolParams& params) {
    std::vector<Size> sizes = {{"N", params.N, 1, setter<PoolParams>([](PoolParams& p, std::int64_t v) { p.N = v; })},
                               {"C", params.C, 1, setter<PoolParams>([](PoolParams& p, std::int64_t v) { p.C = v; })}};
    add_windows(sizes, params);
    return sizes;
}

std::vector<Size> sizes_of(const GemmParams& params) {
    return {{"M", params.M, 1, setter<GemmParams>([](GemmParams& p, std::int64_t v) { p.M = v; })},
            {"N", params.N, 1, setter<GemmParams>([](GemmParams& p, std::int64_t v) { p.N = v; })},
            {"K", params.K, 1, setter<GemmParams>([](GemmParams& p, std::int64_t v) { p.K = v; })},
            chain_of(params)};
}

/// The input becomes a matrix first: (N, C, H, W) is (N, C*H*W).
std::vector<Size> sizes_of(const FcParams& params, const Shape& extent) {
    const auto set = [](auto change) {
        return [change](CaseHeader& header, std::int64_t v) {
            auto& p = std::get<FcParams>(header.params);
            change(p, v);
            header.extent = Shape{p.N, p.C};
        };
    };
    const auto dimensions = static_cast<std::int64_t>(extent.rank());
    return {{"dimensions", dimensions, 2, set([](FcParams&, std::int64_t) {})},
            {"N", params.N, 1, set([](FcParams& p, std::int64_t v) { p.N = v; })},
            {"C", params.C, 1, set([](FcParams& p, std::int64_t v) { p.C = v; })},
            {"K", params.K, 1, set([](FcParams& p, std::int64_t v) { p.K = v; })},
            chain_of(params)};
}

Shape with_axis(const Shape& shape, std::size_t axis, std::int64_t value) {
    std::array<std::int64_t, 4> dimensions{};
    for (std::size_t i = 0; i < shape.rank(); ++i) dimensions[i] = i == axis ? value : shape[i];
    return {dimensions.data(), shape.rank()};
}

void add_extent(std::vector<Size>& sizes, const Shape& extent) {
    for (std::size_t axis = 0; axis < extent.rank(); ++axis) {
        sizes.push_back({"axis " + std::to_string(axis), extent[axis], 1, [axis](CaseHeader& header, std::int64_t v) {
                             header.extent = with_axis(header.extent, axis, v);
                         }});
    }
}

void set_channels(CaseHeader& header) {
    const auto& channels = std::get<ConcatParams>(header.params).channels;
    header.extent = with_axis(header.extent, 1, std::accumulate(channels.begin(), channels.end(), std::int64_t{0}));
}

std::vector<Size> sizes_of(const ConcatParams& params, const Shape& extent) {
    std::vector<Size> sizes;
    sizes.push_back(
        {"parts", static_cast<std::int64_t>(params.channels.size()), 1, [](CaseHeader& header, std::int64_t v) {
             std::get<ConcatParams>(header.params).channels.resize(static_cast<std::size_t>(v));
             set_channels(header);
         }});
    for (std::size_t part = 0; part < params.channels.size(); ++part) {
        sizes.push_back({"channels of part " + std::to_string(part), params.channels[part], 1,
                         [part](CaseHeader& header, std::int64_t v) {
                             std::get<ConcatParams>(header.params).channels[part] = v;
                             set_channels(header);
                         }});
    }
    std::vector<Size> axes;
    add_extent(axes, extent);
    for (const std::size_t axis : {0, 2, 3}) sizes.push_back(axes[axis]);
    return sizes;
}

std::vector<Size> sizes_of(const InstructionParams& params, const Shape& extent) {
    std::vector<Size> sizes;
    add_extent(sizes, Shape{extent[0]});
    const auto power = [](std::int64_t v) { return std::int64_t{64} << v; };  // 1, 2, 3: 128, 256, 512
    sizes.push_back({"width",
                     params.width == 128   ? 1
                     : params.width == 256 ? 2
                                           : 3,
                     1, setter<InstructionParams>([power](InstructionParams& p, std::int64_t v) {
                         p.width = static_cast<int>(power(v));
                     })});
    sizes.push_back({"masking", params.masking == Masking::none ? 0 : 1, 0,
                     setter<InstructionParams>([](InstructionParams& p, std::int64_t) { p.masking = Masking::none; })});
    return sizes;
}

}  // namespace

std::vector<Size> sizes_of(const CaseHeader& header) {
    if (const auto* conv = std::get_if<ConvParams>(&header.params)) return sizes_of(*conv);
    if (const auto* pool = std::get_if<PoolParams>(&header.params)) return sizes_of(*pool);
    if (const auto* gemm = std::get_if<GemmParams>(&header.params)) return sizes_of(*gemm);
    if (const auto* fc = std::get_if<FcParams>(&header.params)) return sizes_of(*fc, header.extent);
    if (const auto* concat = std::get_if<ConcatParams>(&header.params)) return sizes_of(*concat, header.extent);
    if (const auto* p = std::get_if<InstructionParams>(&header.params)) return sizes_of(*p, header.extent);
    std::vector<Size> sizes;
    add_extent(sizes, header.extent);
    if (const auto* lrn = std::get_if<LrnParams>(&header.params)) {
        sizes.push_back({"size", lrn->size, 1, setter<LrnParams>([](LrnParams& p, std::int64_t v) { p.size = v; })});
    }
    return sizes;
}

}  // namespace dfp16::triage
