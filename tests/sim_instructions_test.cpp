// The instruction models against the second oracle, and against the CPU's own instructions where it has them.
#include <gtest/gtest.h>
#include <immintrin.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <vector>

#include "sim/instructions/vp4dpwssd.h"
#include "sim/instructions/vp4dpwssds.h"
#include "sim/instructions/vpdpwssd.h"
#include "sim/instructions/vpdpwssds.h"
#include "sim/instructions/vpmaddwd.h"
#include "sim/types/error.h"
#include "tests/oracle/instructions.h"
#include "tests/oracle/operands.h"

namespace dfp16 {
namespace {

/// Operands of `count` vectors, as execute() takes them.
struct Operands {
    int width;
    std::size_t lanes;
    std::vector<Mantissa> a, b;
    std::vector<Accumulator> c, k;
    std::vector<Accumulator> d;

    Operands(int bits, int steps, std::size_t count, oracle::Source& source)
        : width(bits), lanes(static_cast<std::size_t>(bits / 32)) {
        a.resize(count * lanes * 2 * static_cast<std::size_t>(steps));
        b.resize(steps == 1 ? a.size() : count * 8);
        c.resize(count * lanes);
        k.resize(count);
        d.resize(count * lanes);
        for (Mantissa& m : a) m.value = source.int16();
        for (Mantissa& m : b) m.value = source.int16();
        for (Accumulator& acc : c) acc.value = source.int32();
        for (Accumulator& mask : k) mask.value = static_cast<std::int32_t>(source.next());
        // The extremes that wrap or saturate are frequent: all four operands -32768, c at either end.
        for (std::size_t i = 0; i < c.size(); i += 5) {
            if (steps == 1) a[2 * i] = a[2 * i + 1] = b[2 * i] = b[2 * i + 1] = {-32768};
            if (i % 2 == 0) c[i].value = i % 4 == 0 ? -1 : 0x7FFFFFFF;
        }
    }

    void run(const Instruction& instruction, Masking masking) {
        execute(instruction, width, masking, a, b, c, masking == Masking::none ? std::vector<Accumulator>{} : k, d);
    }
    oracle::Pair pair(std::size_t lane) const {
        return {a[2 * lane].value, b[2 * lane].value, a[2 * lane + 1].value, b[2 * lane + 1].value};
    }
    std::int32_t masked(std::size_t lane, Masking masking, std::int32_t result) const {
        if (masking == Masking::none || (static_cast<std::uint32_t>(k[lane / lanes].value) >> lane % lanes) % 2 == 1)
            return result;
        return masking == Masking::merge ? c[lane].value : 0;
    }
};

constexpr std::array kMaskings = {Masking::none, Masking::merge, Masking::zero};

void expect_cases(std::int64_t cases, std::int64_t expected) {
    std::cout << cases << " cases\n";
    EXPECT_EQ(cases, expected);
}

// --- against the second oracle

constexpr std::size_t kVectors = 40'000;

using OracleLane = std::int32_t (*)(std::int32_t, const oracle::Pair&);

void compare_with_oracle(const Instruction& instruction, OracleLane expected) {
    oracle::Source source(21);
    std::int64_t cases = 0;
    for (const int width : {128, 256, 512}) {
        for (const Masking masking : kMaskings) {
            Operands operands(width, 1, kVectors, source);
            operands.run(instruction, masking);
            for (std::size_t i = 0; i < operands.d.size(); ++i, ++cases) {
                const std::int32_t lane = expected(operands.c[i].value, operands.pair(i));
                ASSERT_EQ(operands.d[i].value, operands.masked(i, masking, lane)) << "width " << width << " lane " << i;
            }
        }
    }
    expect_cases(cases, 3 * (4 + 8 + 16) * static_cast<std::int64_t>(kVectors));
}

TEST(SimInstructions, VpmaddwdAgreesWithOracle) {
    compare_with_oracle(vpmaddwd, [](std::int32_t, const oracle::Pair& p) { return oracle::vpmaddwd(p); });
}
TEST(SimInstructions, VpdpwssdAgreesWithOracle) {
    compare_with_oracle(vpdpwssd, oracle::vpdpwssd);
}
TEST(SimInstructions, VpdpwssdsAgreesWithOracle) {
    compare_with_oracle(vpdpwssds, oracle::vpdpwssds);
}

using OracleSteps = std::int32_t (*)(std::int32_t, const std::array<oracle::Pair, 4>&);

void compare_steps_with_oracle(const Instruction& instruction, OracleSteps expected) {
    oracle::Source source(22);
    std::int64_t cases = 0;
    for (const Masking masking : kMaskings) {
        Operands operands(512, 4, kVectors, source);
        operands.run(instruction, masking);
        for (std::size_t i = 0; i < operands.d.size(); ++i, ++cases) {
            const std::size_t vector = i / 16;
            std::array<oracle::Pair, 4> steps;
            for (std::size_t m = 0; m < 4; ++m) {
                const Mantissa* a = &operands.a[vector * 128 + m * 32 + i % 16 * 2];
                const Mantissa* b = &operands.b[vector * 8 + 2 * m];
                steps[m] = {a[0].value, b[0].value, a[1].value, b[1].value};
            }
            const std::int32_t lane = expected(operands.c[i].value, steps);
            ASSERT_EQ(operands.d[i].value, operands.masked(i, masking, lane)) << "lane " << i;
        }
    }
    expect_cases(cases, 3 * 16 * static_cast<std::int64_t>(kVectors));
}

TEST(SimInstructions, Vp4dpwssdAgreesWithOracle) {
    compare_steps_with_oracle(vp4dpwssd, oracle::vp4dpwssd);
}
TEST(SimInstructions, Vp4dpwssdsAgreesWithOracle) {
    compare_steps_with_oracle(vp4dpwssds, oracle::vp4dpwssds);
}

// --- cases worked out by hand

std::int32_t lane(const Instruction& instruction, std::int32_t c, std::array<std::int16_t, 2> a,
                  std::array<std::int16_t, 2> b) {
    const std::array<Mantissa, 2> ma = {Mantissa{a[0]}, Mantissa{a[1]}};
    const std::array<Mantissa, 2> mb = {Mantissa{b[0]}, Mantissa{b[1]}};
    return instruction.lane({c}, ma, mb).value;
}

TEST(SimInstructions, ByHand) {
    constexpr std::array<std::int16_t, 2> lowest = {-32768, -32768};
    EXPECT_EQ(lane(vpmaddwd, 99, {3, -4}, {5, 6}), -9);
    EXPECT_EQ(lane(vpmaddwd, 0, lowest, lowest), INT32_MIN);
    EXPECT_EQ(lane(vpdpwssd, 10, {3, -4}, {5, 6}), 1);
    EXPECT_EQ(lane(vpdpwssd, INT32_MAX, {1, 0}, {1, 0}), INT32_MIN);
    EXPECT_EQ(lane(vpdpwssd, -1, lowest, lowest), INT32_MAX);
    EXPECT_EQ(lane(vpdpwssds, INT32_MAX, {1, 0}, {1, 0}), INT32_MAX);
    EXPECT_EQ(lane(vpdpwssds, 0, lowest, lowest), INT32_MAX);
    EXPECT_EQ(lane(vpdpwssds, -1, lowest, lowest), INT32_MAX);  // 2^31 - 1 exactly: nothing is clamped
    EXPECT_EQ(lane(vpdpwssds, INT32_MIN, {-1, 0}, {1, 0}), INT32_MIN);
}

TEST(SimInstructions, FourStepFormSaturatesAfterEachStep) {
    std::vector<Mantissa> a(128, Mantissa{0});
    std::vector<Mantissa> b(8, Mantissa{0});
    for (std::size_t i = 0; i < 32; ++i) a[i] = {32767};  // step 0: 2 * 32767^2
    for (std::size_t i = 32; i < 64; ++i) a[i] = {-1};    // step 1: -2
    b[0] = b[1] = {32767};
    b[2] = b[3] = {1};
    const std::vector<Accumulator> c(16, Accumulator{1'000'000});
    std::vector<Accumulator> d(16);
    execute(vp4dpwssds, 512, Masking::none, a, b, c, {}, d);
    for (const Accumulator lane_d : d) EXPECT_EQ(lane_d.value, INT32_MAX - 2);
    execute(vp4dpwssd, 512, Masking::none, a, b, c, {}, d);
    const auto wrapped = static_cast<std::int32_t>(1'000'000 + 2LL * 32767 * 32767 - 2 - (1LL << 32));
    for (const Accumulator lane_d : d) EXPECT_EQ(lane_d.value, wrapped);
}

TEST(SimInstructions, VpmaddwdPlusVpadddIsVpdpwssd) {
    oracle::Source source(23);
    Operands operands(512, 1, kVectors, source);
    operands.run(vpmaddwd, Masking::none);
    const std::vector<Accumulator> products = operands.d;
    operands.run(vpdpwssd, Masking::none);
    for (std::size_t i = 0; i < products.size(); ++i) {
        const auto sum =
            static_cast<std::uint32_t>(products[i].value) + static_cast<std::uint32_t>(operands.c[i].value);
        ASSERT_EQ(operands.d[i].value, static_cast<std::int32_t>(sum));
    }
}

TEST(SimInstructions, FormsThatDoNotExist) {
    std::vector<Mantissa> a(128), b(128);
    std::vector<Accumulator> c(16), k(4), d(16);
    const auto run = [&](const Instruction& instruction, int width, Masking masking, std::size_t as, std::size_t bs,
                         std::size_t cs, std::size_t ks) {
        execute(instruction, width, masking, std::span(a).first(as), std::span(b).first(bs), std::span(c).first(cs),
                std::span(k).first(ks), d);
    };
    for (const int width : {0, 64, 384, 1024, -512}) {
        EXPECT_THROW(run(vpdpwssd, width, Masking::none, 32, 32, 16, 0), InputError);
    }
    EXPECT_THROW(run(vp4dpwssd, 256, Masking::none, 128, 16, 16, 0), InputError);
    EXPECT_THROW(run(vp4dpwssds, 128, Masking::none, 128, 32, 16, 0), InputError);
    EXPECT_NO_THROW(run(vp4dpwssds, 512, Masking::none, 128, 8, 16, 0));
    EXPECT_NO_THROW(run(vpmaddwd, 512, Masking::none, 32, 32, 0, 0));
    EXPECT_NO_THROW(run(vpmaddwd, 512, Masking::zero, 32, 32, 0, 1));
    EXPECT_THROW(run(vpmaddwd, 512, Masking::merge, 32, 32, 0, 1), InputError);  // nothing to keep
    EXPECT_THROW(run(vpdpwssd, 512, Masking::none, 32, 32, 0, 0), InputError);
    EXPECT_THROW(run(vpdpwssd, 512, Masking::merge, 32, 32, 16, 0), InputError);
    EXPECT_THROW(run(vpdpwssd, 512, Masking::none, 32, 32, 16, 1), InputError);
    EXPECT_THROW(run(vpdpwssd, 512, Masking::none, 30, 32, 16, 0), InputError);
    EXPECT_THROW(run(vpdpwssd, 512, Masking::none, 32, 34, 16, 0), InputError);
}

// --- against the CPU

#define DFP16_AVX2 __attribute__((target("avx2")))
#define DFP16_AVX512BW __attribute__((target("avx512f,avx512bw,avx512vl")))
#define DFP16_AVX512VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

/// One vector: c and d of `lanes` INT32, a and b of twice as many INT16, k the mask.
using Kernel = void (*)(const void* a, const void* b, const void* c, std::uint32_t k, void* d);

#define DFP16_LOAD128(p) _mm_loadu_si128(static_cast<const __m128i*>(p))
#define DFP16_LOAD256(p) _mm256_loadu_si256(static_cast<const __m256i*>(p))
#define DFP16_LOAD512(p) _mm512_loadu_si512(p)
#define DFP16_STORE128(p, v) _mm_storeu_si128(static_cast<__m128i*>(p), v)
#define DFP16_STORE256(p, v) _mm256_storeu_si256(static_cast<__m256i*>(p), v)
#define DFP16_STORE512(p, v) _mm512_storeu_si512(p, v)

DFP16_AVX2 void madd_vex_128(const void* a, const void* b, const void*, std::uint32_t, void* d) {
    DFP16_STORE128(d, _mm_madd_epi16(DFP16_LOAD128(a), DFP16_LOAD128(b)));
}
DFP16_AVX2 void madd_vex_256(const void* a, const void* b, const void*, std::uint32_t, void* d) {
    DFP16_STORE256(d, _mm256_madd_epi16(DFP16_LOAD256(a), DFP16_LOAD256(b)));
}

/// The three EVEX forms of one instruction at one width.
#define DFP16_MADD_FORMS(bits, prefix, mask)                                                                          \
    DFP16_AVX512BW void madd_##bits(const void* a, const void* b, const void*, std::uint32_t, void* d) {              \
        DFP16_STORE##bits(d, prefix##_madd_epi16(DFP16_LOAD##bits(a), DFP16_LOAD##bits(b)));                          \
    }                                                                                                                 \
    DFP16_AVX512BW void madd_merge_##bits(const void* a, const void* b, const void* c, std::uint32_t k, void* d) {    \
        DFP16_STORE##bits(d, prefix##_mask_madd_epi16(DFP16_LOAD##bits(c), static_cast<mask>(k), DFP16_LOAD##bits(a), \
                                                      DFP16_LOAD##bits(b)));                                          \
    }                                                                                                                 \
    DFP16_AVX512BW void madd_zero_##bits(const void* a, const void* b, const void*, std::uint32_t k, void* d) {       \
        DFP16_STORE##bits(d,                                                                                          \
                          prefix##_maskz_madd_epi16(static_cast<mask>(k), DFP16_LOAD##bits(a), DFP16_LOAD##bits(b))); \
    }
DFP16_MADD_FORMS(128, _mm, __mmask8)
DFP16_MADD_FORMS(256, _mm256, __mmask8)
DFP16_MADD_FORMS(512, _mm512, __mmask16)

#define DFP16_DOT_FORMS(name, bits, prefix, mask)                                                                      \
    DFP16_AVX512VNNI void name##_##bits(const void* a, const void* b, const void* c, std::uint32_t, void* d) {         \
        DFP16_STORE##bits(d, prefix##_##name##_epi32(DFP16_LOAD##bits(c), DFP16_LOAD##bits(a), DFP16_LOAD##bits(b)));  \
    }                                                                                                                  \
    DFP16_AVX512VNNI void name##_merge_##bits(const void* a, const void* b, const void* c, std::uint32_t k, void* d) { \
        DFP16_STORE##bits(d, prefix##_mask_##name##_epi32(DFP16_LOAD##bits(c), static_cast<mask>(k),                   \
                                                          DFP16_LOAD##bits(a), DFP16_LOAD##bits(b)));                  \
    }                                                                                                                  \
    DFP16_AVX512VNNI void name##_zero_##bits(const void* a, const void* b, const void* c, std::uint32_t k, void* d) {  \
        DFP16_STORE##bits(d, prefix##_maskz_##name##_epi32(static_cast<mask>(k), DFP16_LOAD##bits(c),                  \
                                                           DFP16_LOAD##bits(a), DFP16_LOAD##bits(b)));                 \
    }
DFP16_DOT_FORMS(dpwssd, 128, _mm, __mmask8)
DFP16_DOT_FORMS(dpwssd, 256, _mm256, __mmask8)
DFP16_DOT_FORMS(dpwssd, 512, _mm512, __mmask16)
DFP16_DOT_FORMS(dpwssds, 128, _mm, __mmask8)
DFP16_DOT_FORMS(dpwssds, 256, _mm256, __mmask8)
DFP16_DOT_FORMS(dpwssds, 512, _mm512, __mmask16)

struct Form {
    int width;
    Masking masking;
    Kernel kernel;
};

void compare_with_cpu(const Instruction& instruction, std::span<const Form> forms) {
    constexpr std::size_t vectors = 100'000;
    oracle::Source source(24);
    std::int64_t cases = 0;
    std::int64_t expected = 0;
    for (const auto& [width, masking, kernel] : forms) {
        Operands operands(width, 1, vectors, source);
        operands.run(instruction, masking);
        const std::size_t lanes = operands.lanes;
        std::array<std::int32_t, 16> d;
        for (std::size_t v = 0; v < vectors; ++v) {
            kernel(&operands.a[v * lanes * 2], &operands.b[v * lanes * 2], &operands.c[v * lanes],
                   static_cast<std::uint32_t>(operands.k[v].value), d.data());
            for (std::size_t j = 0; j < lanes; ++j, ++cases) {
                ASSERT_EQ(operands.d[v * lanes + j].value, d[j])
                    << "width " << width << " vector " << v << " lane " << j;
            }
        }
        expected += static_cast<std::int64_t>(vectors * lanes);
    }
    expect_cases(cases, expected);
}

bool has_avx512bw() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}
bool has_avx512vnni() {
    return has_avx512bw() && __builtin_cpu_supports("avx512vnni");
}

TEST(SimInstructions, VpmaddwdAgreesWithAvx2) {
    if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this CPU lacks AVX2";
    constexpr std::array forms = {Form{128, Masking::none, madd_vex_128}, Form{256, Masking::none, madd_vex_256}};
    compare_with_cpu(vpmaddwd, forms);
}

TEST(SimInstructions, VpmaddwdAgreesWithAvx512bw) {
    if (!has_avx512bw()) GTEST_SKIP() << "this CPU lacks AVX-512 BW or VL";
    constexpr std::array forms = {Form{128, Masking::none, madd_128},        Form{128, Masking::merge, madd_merge_128},
                                  Form{128, Masking::zero, madd_zero_128},   Form{256, Masking::none, madd_256},
                                  Form{256, Masking::merge, madd_merge_256}, Form{256, Masking::zero, madd_zero_256},
                                  Form{512, Masking::none, madd_512},        Form{512, Masking::merge, madd_merge_512},
                                  Form{512, Masking::zero, madd_zero_512}};
    compare_with_cpu(vpmaddwd, forms);
}

TEST(SimInstructions, VpdpwssdAgreesWithAvx512vnni) {
    if (!has_avx512vnni()) GTEST_SKIP() << "this CPU lacks AVX-512 VNNI or VL";
    constexpr std::array forms = {
        Form{128, Masking::none, dpwssd_128},        Form{128, Masking::merge, dpwssd_merge_128},
        Form{128, Masking::zero, dpwssd_zero_128},   Form{256, Masking::none, dpwssd_256},
        Form{256, Masking::merge, dpwssd_merge_256}, Form{256, Masking::zero, dpwssd_zero_256},
        Form{512, Masking::none, dpwssd_512},        Form{512, Masking::merge, dpwssd_merge_512},
        Form{512, Masking::zero, dpwssd_zero_512}};
    compare_with_cpu(vpdpwssd, forms);
}

TEST(SimInstructions, VpdpwssdsAgreesWithAvx512vnni) {
    if (!has_avx512vnni()) GTEST_SKIP() << "this CPU lacks AVX-512 VNNI or VL";
    constexpr std::array forms = {
        Form{128, Masking::none, dpwssds_128},        Form{128, Masking::merge, dpwssds_merge_128},
        Form{128, Masking::zero, dpwssds_zero_128},   Form{256, Masking::none, dpwssds_256},
        Form{256, Masking::merge, dpwssds_merge_256}, Form{256, Masking::zero, dpwssds_zero_256},
        Form{512, Masking::none, dpwssds_512},        Form{512, Masking::merge, dpwssds_merge_512},
        Form{512, Masking::zero, dpwssds_zero_512}};
    compare_with_cpu(vpdpwssds, forms);
}

/// No CPU at hand has the 4-step forms; each is four of the CPU's one-step forms with a pair of b broadcast.
void compare_steps_with_cpu(const Instruction& instruction, Kernel step) {
    constexpr std::size_t vectors = 100'000;
    oracle::Source source(25);
    Operands operands(512, 4, vectors, source);
    operands.run(instruction, Masking::none);
    for (std::size_t v = 0; v < vectors; ++v) {
        std::array<Accumulator, 16> acc;
        std::copy_n(&operands.c[v * 16], 16, acc.begin());
        for (std::size_t m = 0; m < 4; ++m) {
            std::array<Mantissa, 32> b;
            for (std::size_t i = 0; i < 32; ++i) b[i] = operands.b[v * 8 + 2 * m + i % 2];
            step(&operands.a[v * 128 + m * 32], b.data(), acc.data(), 0, acc.data());
        }
        for (std::size_t j = 0; j < 16; ++j)
            ASSERT_EQ(operands.d[v * 16 + j], acc[j]) << "vector " << v << " lane " << j;
    }
}

TEST(SimInstructions, Vp4dpwssdIsFourVpdpwssdOfTheCpu) {
    if (!has_avx512vnni()) GTEST_SKIP() << "this CPU lacks AVX-512 VNNI or VL";
    compare_steps_with_cpu(vp4dpwssd, dpwssd_512);
}
TEST(SimInstructions, Vp4dpwssdsIsFourVpdpwssdsOfTheCpu) {
    if (!has_avx512vnni()) GTEST_SKIP() << "this CPU lacks AVX-512 VNNI or VL";
    compare_steps_with_cpu(vp4dpwssds, dpwssds_512);
}

}  // namespace
}  // namespace dfp16
