#include "vectors/targeted_sums.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/mantissa_limit.h"

namespace dfp16 {

const char* name_of(SumClass sum) {
    switch (sum) {
        case SumClass::under: return "sum-under-2^31";
        case SumClass::at: return "sum-at-2^31";
        case SumClass::over: return "sum-over-2^31";
        case SumClass::cancel: return "cancels-later";
        case SumClass::ties: return "ties";
    }
    return "?";
}

namespace {

constexpr std::uint32_t kOrderStream = 8;
constexpr std::uint32_t kNoiseStream = 9;
constexpr std::uint32_t kTargetStream = 10;

/// Where a coefficient belongs: which list of the summed index, and where in it, in the contract's order.
struct Place {
    std::int64_t list;
    std::int64_t position;
};

/// What the constant operand is at one element.
struct Constant {
    bool unit;  ///< 1 rather than the limit
    bool negative;
};

/// The shape of the sums of one operation.
struct Reduction {
    std::size_t coefficients;  ///< which input gets them
    std::int64_t lists;
    std::int64_t length;
    std::function<Place(std::int64_t element)> place;        ///< of an element of the coefficients
    std::function<Constant(std::int64_t element)> constant;  ///< of an element of the other input
    std::function<bool(std::int64_t position)> unit;         ///< whether the constant operand is 1 there
};

/// Position of (channel, r, s) in the order of contract section 7: blocks of 16 channels, then r, s, channel.
std::int64_t blocked_position(std::int64_t channel, std::int64_t channels, std::int64_t tap, std::int64_t taps) {
    const std::int64_t block = channel / 16 * 16;
    const std::int64_t width = std::min<std::int64_t>(16, channels - block);
    return block * taps + tap * width + channel - block;
}

/// Inverse of the above, as far as it matters: whether the position belongs to the last channel.
std::vector<bool> last_channel_positions(std::int64_t channels, std::int64_t taps) {
    std::vector<bool> unit(static_cast<std::size_t>(channels * taps));
    if (channels == 1) return unit;  // all the limit: the remainder of a target is then dropped
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        unit[static_cast<std::size_t>(blocked_position(channels - 1, channels, tap, taps))] = true;
    }
    return unit;
}

Reduction gemm_reduction(const GemmParams& p) {
    return {0,
            p.M,
            p.K,
            [p](std::int64_t i) {
                return Place{i / p.K, i % p.K};
            },
            [p](std::int64_t i) {
                return Constant{p.K > 1 && i / p.N == p.K - 1, i % p.N % 2 == 1};
            },
            [p](std::int64_t position) { return p.K > 1 && position == p.K - 1; }};
}

/// Forward sums over c of x, backward-data over k of dy; w holds the coefficients, one list per output channel.
Reduction weight_reduction(const ConvParams& p, bool forward) {
    const std::int64_t taps = p.R * p.S;
    const std::int64_t input_channels = p.C / p.groups;
    const std::int64_t output_channels = p.K / p.groups;
    const std::int64_t summed = forward ? input_channels : output_channels;
    const std::int64_t channels = forward ? p.C : p.K;
    const std::int64_t pixels = forward ? p.H * p.W : p.P * p.Q;
    return {1,
            forward ? p.K : p.C,
            summed * taps,
            [=](std::int64_t i) {
                const std::int64_t k = i / (input_channels * taps);
                const std::int64_t c = i / taps % input_channels;
                if (forward) return Place{k, blocked_position(c, summed, i % taps, taps)};
                return Place{k / output_channels * input_channels + c,
                             blocked_position(k % output_channels, summed, i % taps, taps)};
            },
            [=](std::int64_t i) {
                const std::int64_t channel = i / pixels % channels;
                return Constant{summed > 1 && channel % summed == summed - 1, i / (pixels * channels) % 2 == 1};
            },
            [unit = last_channel_positions(summed, taps)](std::int64_t position) {
                return unit[static_cast<std::size_t>(position)];
            }};
}

/// Sums over n, p, q; dy holds the coefficients, one list per k; the last image of x is 1.
Reduction gradient_reduction(const ConvParams& p) {
    const std::int64_t pixels = p.P * p.Q;
    return {1,
            p.K,
            p.N * pixels,
            [=](std::int64_t i) {
                return Place{i / pixels % p.K, i / (pixels * p.K) * pixels + i % pixels};
            },
            [=](std::int64_t i) {
                return Constant{p.N > 1 && i / (p.C * p.H * p.W) == p.N - 1, i / (p.H * p.W) % p.C % 2 == 1};
            },
            [=](std::int64_t position) { return p.N > 1 && position / pixels == p.N - 1; }};
}

Reduction reduction_of(const Case& golden_case) {
    if (golden_case.op == OpKind::gemm) return gemm_reduction(std::get<GemmParams>(golden_case.params));
    const auto& conv = std::get<ConvParams>(golden_case.params);
    if (golden_case.op == OpKind::conv_weight_gradient) return gradient_reduction(conv);
    return weight_reduction(conv, golden_case.op == OpKind::conv_forward);
}

std::int64_t target_of(SumClass sum, std::int64_t list, const CaseRandom& random) {
    constexpr std::int64_t kEdge = std::int64_t{1} << 31;
    const std::int64_t sign = list % 2 == 0 ? 1 : -1;
    const auto element = static_cast<std::uint64_t>(list);
    switch (sum) {
        case SumClass::under: return sign * (kEdge - 1);
        case SumClass::at: return sign * kEdge;
        case SumClass::over: return sign * (kEdge + 1);
        case SumClass::cancel: return random.uniform(kTargetStream, element, -1000, 1000);
        case SumClass::ties: break;
    }
    const std::int64_t shift = 1 + list / 4 % 6;
    const std::int64_t parity = list / 2 % 2;
    const std::int64_t digits =
        (std::int64_t{1} << 23) + 2 * random.uniform(kTargetStream, element, 0, (1 << 22) - 1) + parity;
    return sign * ((digits << shift) + (std::int64_t{1} << (shift - 1)));
}

/// v and -v on two places: the sum stays, the partial sums move.
void add_noise(std::vector<std::int64_t>& coefficients, const std::vector<std::size_t>& places, std::int64_t limit,
               std::int64_t list, const CaseRandom& random) {
    for (std::size_t i = 0; i + 1 < places.size(); i += 2) {
        const auto element = static_cast<std::uint64_t>(list) * coefficients.size() + i;
        const std::int64_t noise = random.uniform(kNoiseStream, element, -limit, limit);
        coefficients[places[i]] = noise;
        coefficients[places[i + 1]] = -noise;
    }
}

/// The first half of the places at one limit, the second at the other.
void fill_cancelling(std::vector<std::int64_t>& coefficients, const std::vector<std::size_t>& places,
                     std::int64_t limit, bool upward) {
    const std::size_t half = places.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
        coefficients[places[i]] = upward ? limit : -limit;
        coefficients[places[places.size() - 1 - i]] = upward ? -limit : limit;
    }
}

/// Coefficients of one list, by position.
std::vector<std::int64_t> coefficients_of(const Reduction& reduction, SumClass sum, std::int64_t list,
                                          std::int64_t limit, const CaseRandom& random) {
    std::vector<std::int64_t> coefficients(static_cast<std::size_t>(reduction.length));
    std::vector<std::size_t> places;
    std::vector<std::size_t> units;
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        (reduction.unit(static_cast<std::int64_t>(i)) ? units : places).push_back(i);
    }
    std::int64_t rest = target_of(sum, list, random);
    if (sum == SumClass::cancel) {
        fill_cancelling(coefficients, places, limit, list % 2 == 0);
    } else {
        const auto key = [&](std::size_t place) {
            return random.word(kOrderStream, static_cast<std::uint64_t>(list) * coefficients.size() + place);
        };
        std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
        std::size_t used = 0;
        for (; used < places.size() && rest / limit != 0; ++used) {
            coefficients[places[used]] = std::clamp(rest / limit, -limit, limit);
            rest -= coefficients[places[used]] * limit;
        }
        add_noise(coefficients, {places.begin() + static_cast<std::ptrdiff_t>(used), places.end()}, limit, list,
                  random);
    }
    if (!units.empty()) coefficients[units.front()] = std::clamp(rest, -limit, limit);
    return coefficients;
}

}  // namespace

void fill_targeted(Case& golden_case, SumClass sum, int headroom, const CaseRandom& random) {
    const Reduction reduction = reduction_of(golden_case);
    const std::int64_t limit = mantissa_limit(headroom);
    const Operands operands = operands_of(golden_case);
    golden_case.inputs.clear();
    for (const Operand& operand : operands.inputs) golden_case.inputs.emplace_back(operand.type, operand.shape);

    std::vector<std::vector<std::int64_t>> lists;
    for (std::int64_t list = 0; list < reduction.lists; ++list) {
        lists.push_back(coefficients_of(reduction, sum, list, limit, random));
    }
    auto& coefficients = golden_case.inputs[reduction.coefficients].mantissas();
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        const Place place = reduction.place(static_cast<std::int64_t>(i));
        const std::int64_t value =
            lists[static_cast<std::size_t>(place.list)][static_cast<std::size_t>(place.position)];
        coefficients[i].value = static_cast<std::int16_t>(value);
    }
    auto& constants = golden_case.inputs[1 - reduction.coefficients].mantissas();
    for (std::size_t i = 0; i < constants.size(); ++i) {
        const Constant constant = reduction.constant(static_cast<std::int64_t>(i));
        const std::int64_t value = constant.unit ? 1 : limit;
        constants[i].value = static_cast<std::int16_t>(constant.negative ? -value : value);
    }
}

}  // namespace dfp16
