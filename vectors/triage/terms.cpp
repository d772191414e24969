#include "vectors/triage/terms.h"

#include <algorithm>

#include "reference/ops/taps.h"
#include "vectors/operands.h"

namespace dfp16::triage {

namespace {

void complete_pair(std::vector<Term>& terms) {
    if (terms.size() % 2 == 1) terms.emplace_back();
}

std::vector<Term> matrix_terms(std::int64_t count, std::int64_t a, std::int64_t a_step, std::int64_t b,
                               std::int64_t b_step) {
    std::vector<Term> terms;
    for (std::int64_t i = 0; i < count; ++i) terms.push_back({a + i * a_step, b + i * b_step, i});
    complete_pair(terms);
    return terms;
}

std::vector<Term> fc_terms(OpKind op, const FcParams& p, std::int64_t output) {
    switch (op) {
        case OpKind::fc_forward: return matrix_terms(p.C, output / p.K * p.C, 1, output % p.K * p.C, 1);
        case OpKind::fc_backward_data: return matrix_terms(p.K, output / p.C * p.K, 1, output % p.C, p.C);
        default: return matrix_terms(p.N, output / p.C, p.K, output % p.C, p.C);
    }
}

/// What a tap meets of a dimension; kPadding outside.
std::int64_t meets(std::int64_t position, std::int64_t size, bool replicate) {
    if (replicate) return std::clamp<std::int64_t>(position, 0, size - 1);
    return position >= 0 && position < size ? position : kPadding;
}

std::int64_t index_of(const std::array<std::int64_t, 3>& sizes, std::int64_t outer, std::int64_t channel,
                      std::int64_t i, std::int64_t j) {
    if (i < 0 || j < 0) return kPadding;
    return ((outer * sizes[0] + channel) * sizes[1] + i) * sizes[2] + j;
}

/// Terms of forward and backward-data, over `channels` and taps: indices by a_of(channel, r, s) and b_of.
template <typename A, typename B>
std::vector<Term> tap_terms(const ConvParams& c, std::int64_t channels, A a_of, B b_of) {
    std::vector<Term> terms(static_cast<std::size_t>(pairs_in_order(channels, c.R, c.S) * 2));
    in_order(channels, c.R, c.S, [&](std::int64_t place, std::int64_t channel, std::int64_t r, std::int64_t s) {
        terms[static_cast<std::size_t>(place)] = {a_of(channel, r, s), b_of(channel, r, s), channel, r * c.S + s, 0};
    });
    return terms;
}

/// A filter's element; `k` counts all, `channel` within the group.
std::int64_t weight_index(const ConvParams& c, const Geometry& g, std::int64_t k, std::int64_t channel, std::int64_t r,
                          std::int64_t s) {
    const std::array<std::int64_t, 3> sizes{c.C / c.groups, c.R, c.S};
    return g.flipped ? index_of(sizes, k, channel, c.R - 1 - r, c.S - 1 - s) : index_of(sizes, k, channel, r, s);
}

std::vector<Term> forward_terms(const ConvParams& c, const Geometry& g, std::int64_t output) {
    const std::int64_t q = output % c.Q, p = output / c.Q % c.P, k = output / (c.Q * c.P) % c.K;
    const std::int64_t n = output / (c.Q * c.P * c.K);
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t first = g.one_group ? 0 : k / (c.K / c.groups) * Cg;
    return tap_terms(
        c, Cg,
        [&](std::int64_t channel, std::int64_t r, std::int64_t s) {
            return index_of({c.C, c.H, c.W}, n, first + channel,
                            meets(p * g.stride[0] - g.pad[0] + r, c.H, g.replicate),
                            meets(q * g.stride[1] - g.pad[1] + s, c.W, g.replicate));
        },
        [&](std::int64_t channel, std::int64_t r, std::int64_t s) { return weight_index(c, g, k, channel, r, s); });
}

/// The output position that meets input position `in` through a tap.
std::int64_t reached_by(std::int64_t in, std::int64_t tap, std::int64_t stride, std::int64_t pad, std::int64_t size) {
    const std::int64_t out = in + pad - tap;
    return out >= 0 && out % stride == 0 && out / stride < size ? out / stride : kPadding;
}

std::vector<Term> backward_terms(const ConvParams& c, const Geometry& g, std::int64_t output) {
    const std::int64_t j = output % c.W, i = output / c.W % c.H, channel = output / (c.W * c.H) % c.C;
    const std::int64_t n = output / (c.W * c.H * c.C);
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t own = channel / Cg * (c.K / c.groups);
    const std::int64_t first = g.one_group ? 0 : own;
    return tap_terms(
        c, c.K / c.groups,
        [&](std::int64_t k, std::int64_t r, std::int64_t s) {
            return index_of({c.K, c.P, c.Q}, n, first + k, reached_by(i, r, g.stride[0], g.pad[0], c.P),
                            reached_by(j, s, g.stride[1], g.pad[1], c.Q));
        },
        [&](std::int64_t k, std::int64_t r, std::int64_t s) {
            return weight_index(c, g, own + k, channel % Cg, r, s);
        });
}

std::vector<Term> gradient_terms(const ConvParams& c, const Geometry& g, std::int64_t output) {
    const std::int64_t tap_s = output % c.S, tap_r = output / c.S % c.R;
    const std::int64_t r = g.flipped ? c.R - 1 - tap_r : tap_r;
    const std::int64_t s = g.flipped ? c.S - 1 - tap_s : tap_s;
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t channel = output / (c.S * c.R) % Cg, k = output / (c.S * c.R * Cg);
    const std::int64_t first = g.one_group ? 0 : k / (c.K / c.groups) * Cg;
    std::vector<Term> terms;
    for (std::int64_t n = 0; n < c.N; ++n) {
        for (std::int64_t p = 0; p < c.P; ++p) {
            for (std::int64_t q = 0; q < c.Q; ++q) {
                const std::int64_t x = index_of({c.C, c.H, c.W}, n, first + channel,
                                                meets(p * g.stride[0] - g.pad[0] + r, c.H, g.replicate),
                                                meets(q * g.stride[1] - g.pad[1] + s, c.W, g.replicate));
                terms.push_back({index_of({c.K, c.P, c.Q}, n, k, p, q), x, q, p, n});
            }
            if (c.Q % 2 == 1) terms.push_back({kPartner, kPartner, c.Q, p, n});
        }
    }
    return terms;
}

std::vector<Term> instruction_terms(const CaseHeader& header, std::int64_t output) {
    const std::int64_t lanes = std::get<InstructionParams>(header.params).width / 32;
    const std::int64_t vector = output / lanes, lane = output % lanes;
    const bool four = header.op == OpKind::vp4dpwssd || header.op == OpKind::vp4dpwssds;
    std::vector<Term> terms;
    for (std::int64_t i = 0; i < (four ? 8 : 2); ++i) {
        const std::int64_t a = vector * lanes * (four ? 8 : 2) + i / 2 * lanes * 2 + lane * 2 + i % 2;
        terms.push_back({a, four ? vector * 8 + i : a, i});
    }
    return terms;
}

}  // namespace

bool is_sum_of_products(OpKind op) {
    return op >= OpKind::gemm && op <= OpKind::fc_weight_gradient;
}

Geometry geometry_of(const CaseHeader& header) {
    Geometry geometry;
    if (const auto* conv = std::get_if<ConvParams>(&header.params)) {
        geometry.stride = conv->stride;
        geometry.pad = conv->pad;
    }
    return geometry;
}

std::vector<Term> terms_of(const CaseHeader& header, std::int64_t output, const Geometry& geometry) {
    if (is_instruction(header.op)) return instruction_terms(header, output);
    if (const auto* g = std::get_if<GemmParams>(&header.params)) {
        return matrix_terms(g->K, output / g->N * g->K, 1, output % g->N, g->N);
    }
    if (const auto* fc = std::get_if<FcParams>(&header.params)) return fc_terms(header.op, *fc, output);
    const auto& conv = std::get<ConvParams>(header.params);
    switch (header.op) {
        case OpKind::conv_forward: return forward_terms(conv, geometry, output);
        case OpKind::conv_backward_data: return backward_terms(conv, geometry, output);
        default: return gradient_terms(conv, geometry, output);
    }
}

std::int64_t products_of(const CaseHeader& header) {
    const std::int64_t outputs = operands_of(header).outputs[0].shape.elements();
    return outputs * static_cast<std::int64_t>(terms_of(header, 0, geometry_of(header)).size());
}

std::size_t a_input(OpKind op) {
    return op == OpKind::conv_weight_gradient || op == OpKind::fc_weight_gradient ? 1 : 0;
}

std::size_t b_input(OpKind op) {
    return 1 - a_input(op);
}

}  // namespace dfp16::triage
