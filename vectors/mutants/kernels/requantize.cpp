#include "vectors/mutants/kernels/requantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace dfp16::mutants {

namespace {

bool is_one_of(Bug bug, std::initializer_list<Bug> bugs) {
    return std::find(bugs.begin(), bugs.end(), bug) != bugs.end();
}

std::uint64_t magnitude(std::int64_t v) {
    return static_cast<std::uint64_t>(std::abs(v));
}

/// Adds just below one half, and one more above odd numbers, then cuts.
std::uint64_t nearest(std::uint64_t m, int shift, Bug bug) {
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    const std::uint64_t odd = m >> shift & 1;
    if (is_one_of(bug, {Bug::quantize_ties_away, Bug::down_convert_ties_away})) return (m + half) >> shift;
    if (bug == Bug::multiply_ties_to_odd) return (m + half - odd) >> shift;
    if (bug == Bug::multiply_truncates) return m >> shift;
    return (m + half - 1 + odd) >> shift;
}

std::uint64_t stochastic(std::uint64_t m, int shift, std::uint32_t word, Bug bug) {
    const std::uint64_t rest = m & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t fraction = shift <= 32 ? rest << (32 - shift) : rest >> (shift - 32);
    const bool or_equal =
        is_one_of(bug, {Bug::quantize_stochastic_rounds_up_at_equal, Bug::down_convert_stochastic_rounds_up_at_equal});
    const bool up = or_equal ? word <= fraction : word < fraction;
    return (m >> shift) + (up ? 1 : 0);
}

int shift_of(std::uint64_t largest, int exponent, int headroom, Bug bug) {
    const int kept = bug == Bug::down_convert_headroom_ignored ? 15 : 15 - headroom;
    int bits = std::bit_width(largest);
    if (bug == Bug::down_convert_bits_from_fp32 && largest > 0) {
        bits = std::ilogb(static_cast<float>(largest)) + 1;
    }
    const int least = bug == Bug::down_convert_smallest_exponent_ignored ? 0 : kExponentMin - exponent;
    return std::max({0, bits - kept, least});
}

std::uint64_t largest_of(const std::vector<std::int64_t>& v, Bug bug) {
    std::uint64_t largest = 0;
    const bool blocks = bug == Bug::down_convert_maximum_without_tail && v.size() > kLanes;
    const std::size_t end = blocks ? v.size() / kLanes * kLanes : v.size();
    for (std::size_t i = 0; i < end; ++i) {
        if (bug == Bug::down_convert_abs_of_lowest && v[i] == INT32_MIN) continue;  // its INT32 abs is negative
        largest = std::max(largest, magnitude(v[i]));
    }
    return largest;
}

}  // namespace

std::int64_t round_right(std::int64_t v, int shift, Rounding mode, std::uint32_t word, Bug bug) {
    if (shift == 0) return v;
    if (bug == Bug::add_shift_count_masked) shift &= 31;
    if (shift >= 64) return 0;
    if (shift == 0) return v;
    const bool nearest_mode = mode == Rounding::nearest_even;
    if (bug == Bug::down_convert_ties_up && nearest_mode) {
        return shift > 40 ? 0 : (v + (std::int64_t{1} << (shift - 1))) >> shift;
    }
    if (bug == Bug::down_convert_floors && mode == Rounding::toward_zero) return v >> shift;
    if (bug == Bug::add_aligns_by_arithmetic_shift) return v >> shift;
    std::uint64_t m = magnitude(v);
    if (nearest_mode) {
        m = shift > 40 ? 0 : nearest(m, shift, bug);
    } else if (mode == Rounding::toward_zero) {
        m >>= shift;
    } else {
        m = stochastic(m, shift, word, bug);
    }
    const bool loses_sign = bug == Bug::multiply_stochastic_loses_sign && mode == Rounding::stochastic;
    return v < 0 && !loses_sign ? -static_cast<std::int64_t>(m) : static_cast<std::int64_t>(m);
}

std::uint32_t word_of(const RandomStream& stream, std::size_t i, Bug bug) {
    const PhiloxCounter words = stream.words(i / 4);
    if (bug == Bug::quantize_random_lanes_reversed) return words[3 - i % 4];
    if (bug == Bug::down_convert_counter_by_element) return stream.words(i)[i % 4];
    return words[i % 4];
}

std::int64_t clamp_mantissa(std::int64_t m, int headroom, Bug bug) {
    std::int64_t limit = (std::int64_t{1} << (15 - headroom)) - 1;
    if (is_one_of(bug, {Bug::quantize_clamps_to_int16, Bug::down_convert_clamps_to_int16})) limit = 32767;
    if (bug == Bug::quantize_not_clamped) return static_cast<std::int16_t>(static_cast<std::uint16_t>(m));
    if (bug == Bug::quantize_clamps_upper_end_only) return std::min(m, limit);
    return std::clamp(m, -limit, limit);
}

void requantize(const std::vector<std::int64_t>& v, int exponent, const RoundingParams& rounding, const Call& call,
                HostTensor& y) {
    const std::uint64_t largest = largest_of(v, call.bug);
    if (largest == 0 && call.bug != Bug::down_convert_exponent_of_zeros_kept) {
        std::fill(y.mantissas().begin(), y.mantissas().end(), Mantissa{0});
        y.exponent = {kExponentMin};
        return;
    }
    const int shift = shift_of(largest, exponent, rounding.headroom, call.bug);
    const RandomStream stream{call.context.seed, call.context.step, Purpose::down_convert, rounding.tensor};
    const bool draws = rounding.rounding == Rounding::stochastic;
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint32_t word = draws ? word_of(stream, i, call.bug) : 0;
        const std::int64_t m = round_right(v[i], shift, rounding.rounding, word, call.bug);
        y.mantissas()[i].value = static_cast<std::int16_t>(clamp_mantissa(m, rounding.headroom, call.bug));
    }
    y.exponent = {exponent + shift};
}

}  // namespace dfp16::mutants
