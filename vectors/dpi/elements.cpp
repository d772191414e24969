// Single values: instructions, scales, elements, random words.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/accumulate.h"
#include "sim/dequantize.h"
#include "sim/instructions/vpdpwssd.h"
#include "sim/instructions/vpdpwssds.h"
#include "sim/instructions/vpmaddwd.h"
#include "sim/mantissa_limit.h"
#include "sim/philox.h"
#include "sim/quantize.h"
#include "sim/round.h"
#include "sim/types/contract_version.h"
#include "vectors/dpi/dfp16_dpi.h"
#include "vectors/dpi/guard.h"
#include "vectors/dpi/rounding.h"

using namespace dfp16;

namespace {

constexpr int kMostScale = 508;  // the largest sum of two exponents of sums, and more than any rounding needs

int lane_of(const Instruction& instruction, int c, short a0, short a1, short b0, short b1) {
    const std::array<Mantissa, 2> a{{{a0}, {a1}}};
    const std::array<Mantissa, 2> b{{{b0}, {b1}}};
    return instruction.lane({c}, a, b).value;
}

float fp32_of(int bits) {
    return std::bit_cast<float>(bits);
}

void check_scale(int k) {
    dpi::require_range("k", k, -kMostScale, kMostScale);
}

}  // namespace

const char* dfp16_dpi_error(void) {
    return dpi::error_text().c_str();
}

int dfp16_dpi_fail(const char* what) {
    return dpi::fail(what == nullptr ? "" : what);
}

const char* dfp16_dpi_contract(void) {
    return kContractVersion;
}

int dfp16_vpmaddwd(short a0, short a1, short b0, short b1) {
    return lane_of(vpmaddwd, 0, a0, a1, b0, b1);
}

int dfp16_vpdpwssd(int c, short a0, short a1, short b0, short b1) {
    return lane_of(vpdpwssd, c, a0, a1, b0, b1);
}

int dfp16_vpdpwssds(int c, short a0, short a1, short b0, short b1) {
    return lane_of(vpdpwssds, c, a0, a1, b0, b1);
}

int dfp16_scale_exact(long long sum, int k, int* fp32) {
    return dpi::guarded([&] {
        check_scale(k);
        *fp32 = std::bit_cast<int>(scale_exact(sum, k));
    });
}

int dfp16_scale_chain(int acc, int k, int* fp32) {
    return dpi::guarded([&] {
        check_scale(k);
        *fp32 = std::bit_cast<int>(scale_chain(fp32_of(acc), k));
    });
}

int dfp16_dequantize(short m, int exponent, int* fp32) {
    return dpi::guarded([&] {
        dpi::require_range("exponent", exponent, kExponentMin, kExponentMax + kHeadroomMax);
        const float value = dequantize({m}, {exponent});
        dpi::require(std::isfinite(value), "result beyond FP32 (2^128 or more)");
        *fp32 = std::bit_cast<int>(value);
    });
}

unsigned int dfp16_random_word(unsigned long long seed, unsigned int step, unsigned int purpose, unsigned int tensor,
                               unsigned long long element) {
    return RandomStream{seed, step, static_cast<Purpose>(purpose), tensor}.word(element);
}

int dfp16_down_convert_element(int v, int shift, int headroom, int rounding, unsigned int random, short* m) {
    return dpi::guarded([&] {
        dpi::require_range("shift", shift, 0, std::numeric_limits<int>::max());
        dpi::check_headroom(headroom);
        *m = clamp_mantissa(round_shift(v, shift, dpi::rounding_of(rounding), random), headroom).value;
    });
}

int dfp16_quantize_element(int fp32, int exponent, int headroom, int rounding, unsigned int random, short* m) {
    return dpi::guarded([&] {
        dpi::check_headroom(headroom);
        const float x = fp32_of(fp32);
        const Exponent least = exponent_for(largest_magnitude(std::array{x}), headroom);
        dpi::require_range("exponent", exponent, least.value, kExponentMax + kHeadroomMax);
        *m = quantize_element(x, {exponent}, headroom, dpi::rounding_of(rounding), random).value;
    });
}
