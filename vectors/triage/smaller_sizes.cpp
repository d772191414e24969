#include "vectors/triage/smaller_sizes.h"

#include <vector>

namespace dfp16 {

namespace {

using Visit = std::function<bool(const CaseHeader&)>;

/// The sizes between `least` and `size`, of which few are worth a try.
std::vector<std::int64_t> smaller(std::int64_t size, std::int64_t least) {
    std::vector<std::int64_t> sizes;
    for (const std::int64_t s : {least, size / 4, size / 2, size - 16, size - 2, size - 1}) {
        if (s >= least && s < size) sizes.push_back(s);
    }
    return sizes;
}

/// Tries smaller values of one member of the params; `follow` sets what depends on it.
template <typename Params, typename Member, typename Follow>
bool shrink_member(const CaseHeader& header, const Params& params, Member member, std::int64_t least, std::int64_t step,
                   Follow follow, const Visit& visit) {
    Params changed = params;
    for (const std::int64_t value : smaller(member(changed) / step, least)) {
        changed = params;
        member(changed) = value * step;
        if (!follow(changed)) continue;
        CaseHeader smaller_header = header;
        smaller_header.params = changed;
        if (visit(smaller_header)) return true;
    }
    return false;
}

template <typename Params>
bool outputs_follow(Params& p) {
    if constexpr (requires { p.size; }) {
        p.P = pooled_size(p.H, p.R, p.stride[0], p.pad[0], p.size);
        p.Q = pooled_size(p.W, p.S, p.stride[1], p.pad[1], p.size);
    } else {
        if (p.H + 2 * p.pad[0] < p.R || p.W + 2 * p.pad[1] < p.S) return false;
        p.P = output_size(p.H, p.R, p.stride[0], p.pad[0]);
        p.Q = output_size(p.W, p.S, p.stride[1], p.pad[1]);
    }
    return p.P >= 1 && p.Q >= 1;
}

/// Convolution and pooling windows.
template <typename Params>
bool shrink_window(const CaseHeader& header, const Params& p, const Visit& visit) {
    const auto follow = [](Params& changed) { return outputs_follow(changed); };
    const auto try_member = [&](auto member, std::int64_t least) {
        return shrink_member(header, p, member, least, 1, follow, visit);
    };
    if (try_member([](Params& q) -> std::int64_t& { return q.N; }, 1)) return true;
    if (try_member([](Params& q) -> std::int64_t& { return q.H; }, 1)) return true;
    if (try_member([](Params& q) -> std::int64_t& { return q.W; }, 1)) return true;
    if (try_member([](Params& q) -> std::int64_t& { return q.R; }, 1)) return true;
    if (try_member([](Params& q) -> std::int64_t& { return q.S; }, 1)) return true;
    for (const std::size_t i : {0u, 1u}) {
        if (try_member([i](Params& q) -> std::int64_t& { return q.pad[i]; }, 0)) return true;
        if (try_member([i](Params& q) -> std::int64_t& { return q.stride[i]; }, 1)) return true;
    }
    return false;
}

bool shrink_conv(const CaseHeader& header, const ConvParams& p, const Visit& visit) {
    const auto none = [](ConvParams&) { return true; };
    const auto one_group = [](ConvParams& changed) {
        changed.C /= changed.groups == 1 ? 1 : changed.groups;
        return true;
    };
    if (p.groups > 1) {  // the first group alone
        ConvParams changed = p;
        one_group(changed);
        changed.K /= p.groups;
        changed.groups = 1;
        CaseHeader alone = header;
        alone.params = changed;
        if (visit(alone)) return true;
    }
    const auto C = [](ConvParams& q) -> std::int64_t& { return q.C; };
    const auto K = [](ConvParams& q) -> std::int64_t& { return q.K; };
    if (shrink_member(header, p, C, 1, p.groups, none, visit)) return true;
    if (shrink_member(header, p, K, 1, p.groups, none, visit)) return true;
    return shrink_window(header, p, visit);
}

bool shrink_pool(const CaseHeader& header, const PoolParams& p, const Visit& visit) {
    const auto none = [](PoolParams&) { return true; };
    const auto C = [](PoolParams& q) -> std::int64_t& { return q.C; };
    return shrink_member(header, p, C, 1, 1, none, visit) || shrink_window(header, p, visit);
}

bool shrink_gemm(const CaseHeader& header, const GemmParams& p, const Visit& visit) {
    const auto none = [](GemmParams&) { return true; };
    return shrink_member(
               header, p, [](GemmParams& q) -> std::int64_t& { return q.M; }, 1, 1, none, visit) ||
           shrink_member(
               header, p, [](GemmParams& q) -> std::int64_t& { return q.N; }, 1, 1, none, visit) ||
           shrink_member(
               header, p, [](GemmParams& q) -> std::int64_t& { return q.K; }, 1, 1, none, visit);
}

bool shrink_extent(const CaseHeader& header, const Visit& visit) {
    for (std::size_t axis = 0; axis < header.extent.rank(); ++axis) {
        for (const std::int64_t size : smaller(header.extent[axis], 1)) {
            std::vector<std::int64_t> sizes;
            for (std::size_t i = 0; i < header.extent.rank(); ++i) sizes.push_back(i == axis ? size : header.extent[i]);
            CaseHeader changed = header;
            changed.extent = Shape(sizes.data(), sizes.size());
            if (visit(changed)) return true;
        }
    }
    return false;
}

}  // namespace

bool for_each_smaller(const CaseHeader& header, const Visit& visit) {
    if (const auto* conv = std::get_if<ConvParams>(&header.params)) return shrink_conv(header, *conv, visit);
    if (const auto* pool = std::get_if<PoolParams>(&header.params)) return shrink_pool(header, *pool, visit);
    if (const auto* gemm = std::get_if<GemmParams>(&header.params)) return shrink_gemm(header, *gemm, visit);
    if (std::holds_alternative<ConcatParams>(header.params)) return false;  // its sizes are those of its parts
    if (std::holds_alternative<FcParams>(header.params)) return false;      // its sizes are those of what it flattens
    return shrink_extent(header, visit);
}

}  // namespace dfp16
