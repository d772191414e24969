// The AVX-512 forms of elementwise kernels against the plain loops of the same kernels, which
// fastpath_elementwise_test.cpp holds against the contract: what depends on sizes, places and factors that whole
// operations rarely have.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "fastpath/elementwise/kernel_table.h"
#include "fastpath/isa.h"

namespace dfp16::fast {
namespace {

constexpr std::int64_t kMostPixels = 9;
constexpr std::int64_t kElements = kMostPixels * kLanes;

/// Mantissas at some distance from the beginning of a cache line, and what lies around them.
struct Lines {
    alignas(64) std::int16_t memory[kElements + 96] = {};
    std::int16_t* at(std::int64_t offset) { return memory + 32 + offset; }
};

class FastKernels : public testing::Test {
protected:
    void SetUp() override {
        if (!supported(Isa::avx512bw)) GTEST_SKIP() << "this CPU lacks avx512bw";
    }

    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    }
    void fill(Lines& lines) {
        for (std::int16_t& m : lines.memory) m = static_cast<std::int16_t>(pick(-8191, 8191));
    }
    /// Of a channel each, around 2^exponent; some zero.
    void fill(float (&factors)[kLanes], int exponent) {
        for (float& factor : factors) {
            factor = static_cast<float>(std::ldexp(static_cast<double>(pick(-0xFFFFFF, 0xFFFFFF)), exponent - 24));
            if (pick(0, 9) == 0) factor = 0.0f;
        }
    }

    std::mt19937_64 random{1};
};

/// Exponents of a scale, of a factor and of what makes mantissas of their products: in the middle, and where a power of
/// two that is taken out of a sum would leave the normal numbers.
struct Exponents {
    int scale, factor, mantissa;
};
constexpr Exponents kExponents[] = {{-10, 2, 6},      {0, 0, 0},        {-120, 10, 108}, {-140, 40, 98},
                                    {-110, -20, 127}, {-100, -40, 127}, {100, -10, -92}, {100, 5, -107},
                                    {0, -126, 124},   {-12, -118, 127}};

std::string name_of(const Exponents& e, std::int64_t pixels, std::int64_t offset) {
    return "exponents " + std::to_string(e.scale) + " " + std::to_string(e.factor) + " " + std::to_string(e.mantissa) +
           ", pixels " + std::to_string(pixels) + ", offset " + std::to_string(offset);
}

TEST_F(FastKernels, BatchNormForward) {
    for (int round = 0; round < 2000; ++round) {
        const Exponents e = kExponents[pick(0, std::size(kExponents) - 1)];
        const std::int64_t pixels = pick(0, kMostPixels);
        const std::int64_t offset = pick(0, 2) * kLanes;
        const bool relu = pick(0, 1) == 1;
        Lines x, expected, got;
        fill(x);
        float scale[kLanes], shift[kLanes];
        fill(scale, e.factor);
        fill(shift, e.factor + e.scale + static_cast<int>(pick(0, 15)));
        std::uint16_t positive[kMostPixels + 1] = {};
        ToMantissas to{std::ldexp(1.0f, e.mantissa), 8191};
        const float x_scale = std::ldexp(1.0f, e.scale);
        kKernelsPortable.affine_to_mantissas(x.at(0), x_scale, pixels, scale, shift, relu, to, expected.at(offset));
        to.positive = positive;
        to.stream = pick(0, 1) == 1;
        kKernelsAvx512bw.affine_to_mantissas(x.at(0), x_scale, pixels, scale, shift, relu, to, got.at(offset));
        for (std::size_t i = 0; i < std::size(got.memory); ++i) {
            ASSERT_EQ(got.memory[i], expected.memory[i]) << name_of(e, pixels, offset) << ", element " << i;
        }
        for (std::int64_t i = 0; i < kElements; ++i) {
            const bool above = i < pixels * kLanes && expected.at(offset)[i] > 0;
            ASSERT_EQ((positive[i / kLanes] >> i % kLanes & 1) != 0, above) << name_of(e, pixels, offset);
        }
    }
}

TEST_F(FastKernels, BatchNormGradient) {
    for (int round = 0; round < 2000; ++round) {
        const Exponents e = kExponents[pick(0, std::size(kExponents) - 1)];
        const std::int64_t pixels = pick(0, kMostPixels);
        const std::int64_t offset = pick(0, 2) * kLanes;
        Lines dy, x, expected, got;
        fill(dy);
        fill(x);
        float a[kLanes], b[kLanes], c[kLanes];
        fill(a, e.factor);
        fill(b, e.factor);
        fill(c, e.factor + e.scale + static_cast<int>(pick(0, 15)));
        const float power = std::ldexp(1.0f, e.scale);
        const BatchNormGradient gradient{dy.at(0), x.at(0), power, power, a, b, c};
        ToMantissas to{std::ldexp(1.0f, e.mantissa), 8191};
        const std::uint32_t largest =
            kKernelsPortable.batch_norm_gradient_to_mantissas(gradient, pixels, to, expected.at(offset));
        to.stream = pick(0, 1) == 1;
        ASSERT_EQ(kKernelsAvx512bw.batch_norm_gradient_to_mantissas(gradient, pixels, to, got.at(offset)), largest)
            << name_of(e, pixels, offset);
        for (std::size_t i = 0; i < std::size(got.memory); ++i) {
            ASSERT_EQ(got.memory[i], expected.memory[i]) << name_of(e, pixels, offset) << ", element " << i;
        }
    }
}

// -32768 at the highest exponent is beyond FP32, whatever it is multiplied with.
TEST_F(FastKernels, BatchNormGradientBeyondFp32) {
    Lines dy, x, dx;
    dy.at(0)[5] = -32768;
    float a[kLanes], b[kLanes] = {}, c[kLanes] = {};
    for (float& factor : a) factor = 0x1p-20f;
    const BatchNormGradient gradient{dy.at(0), x.at(0), 0x1p113f, 1.0f, a, b, c};
    for (const KernelTable* kernels : {&kKernelsPortable, &kKernelsAvx512bw}) {
        EXPECT_GE(kernels->batch_norm_gradient_to_mantissas(gradient, 4, {0x1p-90f, 8191}, dx.at(0)), 0x7F800000u);
    }
}

TEST_F(FastKernels, CopyPastCaches) {
    for (std::int64_t offset = 0; offset <= 33; ++offset) {
        for (std::int64_t count = 0; count <= 100; ++count) {
            Lines from, expected, got;
            fill(from);
            kKernelsPortable.copy_past_caches(from.at(1), count, expected.at(offset));
            kKernelsAvx512bw.copy_past_caches(from.at(1), count, got.at(offset));
            for (std::size_t i = 0; i < std::size(got.memory); ++i) {
                const std::int64_t place = static_cast<std::int64_t>(i) - 32 - offset;
                ASSERT_EQ(got.memory[i], place >= 0 && place < count ? from.at(1)[place] : 0) << offset << " " << count;
                ASSERT_EQ(expected.memory[i], got.memory[i]) << offset << " " << count;
            }
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
