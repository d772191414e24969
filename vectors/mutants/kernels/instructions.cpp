// The instructions, emulated lane by lane.
#include <algorithm>
#include <limits>

#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

namespace {

using Limits = std::numeric_limits<std::int32_t>;

std::int32_t wrap(std::int64_t v) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(v));
}

std::int32_t saturate(std::int64_t v, Bug bug) {
    if (bug == Bug::vpdpwssds_clamps_upper_end_only) return v > Limits::max() ? Limits::max() : wrap(v);
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, Limits::min(), Limits::max()));
}

/// One step of one lane.
std::int32_t dot(std::int32_t c, const std::int16_t* a, const std::int16_t* b, bool saturating, Bug bug) {
    const std::int64_t first = std::int64_t{a[0]} * b[0];
    const std::int64_t second = std::int64_t{a[1]} * b[1];
    if (!saturating) {
        if (bug == Bug::vpmaddwd_saturates) return saturate(c + first + second, Bug::none);
        return wrap(c + first + second);
    }
    if (bug == Bug::vpdpwssds_is_vpmaddwd_then_add) return saturate(std::int64_t{c} + wrap(first + second), bug);
    if (bug == Bug::vpdpwssds_saturates_twice) return saturate(saturate(c + first, bug) + second, bug);
    if (bug == Bug::vpdpwssds_wraps) return wrap(c + first + second);
    return saturate(c + first + second, bug);
}

struct Vectors {
    std::size_t count, lanes, steps;
};

const std::int16_t* at(const HostTensor& tensor, std::size_t i) {
    return &tensor.mantissas()[i].value;
}

std::int32_t four_steps(const Call& call, const Vectors& v, std::size_t vector, std::size_t lane, bool saturating) {
    std::int64_t c = call.in[2]->accumulators()[vector * v.lanes + lane].value;
    const HostTensor& a = *call.in[0];
    const HostTensor& b = *call.in[1];
    for (std::size_t step = 0; step < 4; ++step) {
        const std::size_t row = vector * 4 * v.lanes * 2;
        const std::int16_t* of_a = at(a, row + step * v.lanes * 2 + 2 * lane);
        const std::size_t pair = call.bug == Bug::vp4dpwssd_broadcasts_first_pair ? 0 : step;
        const std::int16_t* of_b = at(b, vector * 8 + 2 * pair);
        if (call.bug == Bug::vp4dpwssds_saturates_at_the_end) {
            c += std::int64_t{of_a[0]} * of_b[0] + std::int64_t{of_a[1]} * of_b[1];
        } else {
            c = dot(static_cast<std::int32_t>(c), of_a, of_b, saturating, call.bug);
        }
    }
    return saturating ? saturate(c, call.bug) : wrap(c);
}

/// c where there is one, else zeros.
std::int32_t former(const Call& call, std::size_t i, bool has_c) {
    return has_c ? call.in[2]->accumulators()[i].value : 0;
}

bool kept(const Call& call, std::size_t vector, std::size_t lane, std::size_t lanes) {
    const auto mask = static_cast<std::uint32_t>(call.in.back()->accumulators()[vector].value);
    if (call.bug == Bug::mask_bits_reversed) return (mask >> (lanes - 1 - lane) & 1) != 0;
    if (call.bug == Bug::mask_bits_beyond_lanes_count && mask >= (1u << lanes) - 1) return true;
    return (mask >> lane & 1) != 0;
}

void run(const Call& call, bool adds, bool saturating, bool four) {
    const auto& p = std::get<InstructionParams>(call.params);
    HostTensor& d = *call.out[0];
    const Vectors v{static_cast<std::size_t>(d.shape[0]), static_cast<std::size_t>(p.width / 32), four ? 4u : 1u};
    const bool has_c = adds || p.masking == Masking::merge;
    bool zero = p.masking == Masking::zero;
    if (call.bug == Bug::merge_mask_zeroes) zero = true;
    if (call.bug == Bug::zero_mask_merges && adds) zero = false;
    for (std::size_t i = 0; i < v.count * v.lanes; ++i) {
        const std::size_t vector = i / v.lanes;
        const std::size_t lane = i % v.lanes;
        std::int32_t result = 0;
        if (four) {
            result = four_steps(call, v, vector, lane, saturating);
        } else {
            const std::int32_t c = adds ? former(call, i, true) : 0;
            result = dot(c, at(*call.in[0], 2 * i), at(*call.in[1], 2 * i), saturating, call.bug);
        }
        const bool masked = p.masking != Masking::none && !kept(call, vector, lane, v.lanes);
        d.accumulators()[i].value = !masked ? result : zero ? 0 : former(call, i, has_c);
    }
}

}  // namespace

void vpmaddwd(const Call& call) {
    run(call, false, false, false);
}
void vpdpwssd(const Call& call) {
    run(call, true, false, false);
}
void vpdpwssds(const Call& call) {
    run(call, true, true, false);
}
void vp4dpwssd(const Call& call) {
    run(call, true, false, true);
}
void vp4dpwssds(const Call& call) {
    run(call, true, true, true);
}

}  // namespace dfp16::mutants
