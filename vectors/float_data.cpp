#include "vectors/float_data.h"

#include <bit>
#include <cmath>
#include <limits>

namespace dfp16 {

namespace {

struct Draw {
    const CaseRandom& random;
    std::uint32_t stream;

    std::uint32_t word(std::uint64_t i) const { return random.word(stream, i); }
    std::int64_t uniform(std::uint64_t i, std::int64_t low, std::int64_t high) const {
        return random.uniform(stream, i, low, high);
    }
    float sign(std::uint64_t i) const { return word(i) % 2 == 0 ? 1.0f : -1.0f; }
};

/// The first element fixes the exponent at `scale`: its magnitude is 1.5 * 2^(14 - headroom) steps. Operands of fma,
/// whose headroom leaves no mantissa to round to, are quarters of 10 bits.
float tie(const Draw& draw, std::uint64_t index, int headroom, int scale) {
    if (index == 0) return std::ldexp(1.5f, 14 - headroom + scale);
    const int bits = headroom <= kHeadroomMax ? 16 - headroom : 10;
    const std::int64_t quarters = (std::int64_t{1} << bits) - 1;
    return std::ldexp(static_cast<float>(draw.uniform(index, -quarters, quarters)), scale - 2);
}

float walking(const Draw& draw, std::uint64_t index) {
    const std::uint32_t word = draw.word(index);
    const std::uint32_t bit = 1u << (word % 23);
    const std::uint32_t fraction = (word & 0x100) != 0 ? bit : 0x7FFFFFu ^ bit;
    const std::uint32_t exponent = 120 + (word >> 9) % 8;
    return std::bit_cast<float>((word & 0x80000000u) | exponent << 23 | fraction);
}

float below_power(const Draw& draw, std::uint64_t index) {
    const auto power = static_cast<int>(draw.uniform(2 * index, -2, 0));
    return draw.sign(2 * index + 1) * std::nextafterf(std::ldexp(1.0f, power), 0.0f);
}

float large_or_small(const Draw& draw, std::uint64_t index, std::uint64_t place) {
    if (index == place) return draw.sign(index) * 1.75f;
    return std::ldexp(static_cast<float>(draw.uniform(index, -1000, 1000)), -27);
}

/// The largest magnitudes that leave the exponent of the result at kExponentMax.
float near_largest(const Draw& draw, std::uint64_t index, int headroom) {
    const auto below = static_cast<std::uint32_t>(draw.uniform(2 * index, 0, 1 << 24));
    const std::uint32_t top = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::max());
    return draw.sign(2 * index + 1) * std::ldexp(std::bit_cast<float>(index == 0 ? top : top - below), -headroom);
}

float element(FloatFill fill, const Draw& draw, std::uint64_t index, std::uint64_t count, int headroom) {
    switch (fill) {
        case FloatFill::bell: {
            const std::uint32_t word = draw.word(index);
            const int sum = static_cast<std::int16_t>(word & 0xFFFF) + static_cast<std::int16_t>(word >> 16);
            return std::ldexp(static_cast<float>(sum), -16);
        }
        case FloatFill::wide: {
            const std::uint32_t word = draw.word(2 * index);
            const auto exponent = static_cast<std::uint32_t>(draw.uniform(2 * index + 1, 0, 254 - headroom));
            return std::bit_cast<float>((word & 0x807FFFFFu) | exponent << 23);
        }
        case FloatFill::ties: return tie(draw, index, headroom, static_cast<int>(draw.uniform(count, -60, 60)));
        case FloatFill::below_power: return below_power(draw, index);
        case FloatFill::walking: return walking(draw, index);
        case FloatFill::one_large:
            return large_or_small(
                draw, index, static_cast<std::uint64_t>(draw.uniform(count, 0, static_cast<std::int64_t>(count) - 1)));
        case FloatFill::largest: return near_largest(draw, index, headroom);
        case FloatFill::subnormal: return std::bit_cast<float>(draw.word(index) & 0x807FFFFFu);
        case FloatFill::zeros: return draw.sign(index) * 0.0f;
    }
    return 0.0f;
}

}  // namespace

const char* name_of(FloatFill fill) {
    switch (fill) {
        case FloatFill::bell: return "bell";
        case FloatFill::wide: return "wide";
        case FloatFill::ties: return "ties";
        case FloatFill::below_power: return "below-power";
        case FloatFill::walking: return "walking";
        case FloatFill::one_large: return "one-large";
        case FloatFill::largest: return "largest";
        case FloatFill::subnormal: return "subnormal";
        case FloatFill::zeros: return "zeros";
    }
    return "?";
}

HostTensor float_tensor(FloatFill fill, const Shape& shape, int headroom, const CaseRandom& random,
                        std::uint32_t stream) {
    HostTensor tensor(ElementType::fp32, shape);
    const auto count = static_cast<std::uint64_t>(shape.elements());
    for (std::uint64_t i = 0; i < count; ++i) {
        tensor.fp32()[i] = element(fill, Draw{random, stream}, i, count, headroom);
    }
    return tensor;
}

}  // namespace dfp16
