// The instructions as the fast path executes them, on every ISA of this CPU, against their definitions (contract
// section 13), over extremes and random operands, at every width and with every masking.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "fastpath/instructions/instructions.h"
#include "sim/types/error.h"

namespace dfp16::fast {
namespace {

constexpr std::int64_t kCount = 20000;

struct Operands {
    std::vector<std::int16_t> a, b;
    std::vector<std::int32_t> c, k;
};

std::int16_t mantissa(std::mt19937_64& random) {
    constexpr std::int16_t extremes[] = {-32768, -32767, -1, 0, 1, 32767};
    const std::uint64_t word = random();
    return word % 2 == 0 ? extremes[word / 2 % 6] : static_cast<std::int16_t>(word >> 16);
}

std::int32_t accumulator(std::mt19937_64& random) {
    constexpr std::int32_t extremes[] = {INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX};
    const std::uint64_t word = random();
    return word % 2 == 0 ? extremes[word / 2 % 6] : static_cast<std::int32_t>(word >> 16);
}

bool four_steps(OpKind kind) {
    return kind == OpKind::vp4dpwssd || kind == OpKind::vp4dpwssds;
}
bool saturates(OpKind kind) {
    return kind == OpKind::vpdpwssds || kind == OpKind::vp4dpwssds;
}

Operands operands(OpKind kind, int lanes) {
    std::mt19937_64 random(static_cast<std::uint64_t>(lanes));
    Operands result;
    const int steps = four_steps(kind) ? 4 : 1;
    for (std::int64_t i = 0; i < kCount * steps * lanes * 2; ++i) result.a.push_back(mantissa(random));
    for (std::int64_t i = 0; i < kCount * (four_steps(kind) ? 8 : lanes * 2); ++i) result.b.push_back(mantissa(random));
    for (std::int64_t i = 0; i < kCount * lanes; ++i) result.c.push_back(accumulator(random));
    for (std::int64_t i = 0; i < kCount; ++i) {
        result.k.push_back(static_cast<std::int32_t>(random() & ((1u << lanes) - 1)));
    }
    return result;
}

std::int32_t lane_of(OpKind kind, const Operands& in, std::int64_t i, int lane, int lanes) {
    std::int64_t sum = kind == OpKind::vpmaddwd ? 0 : in.c[static_cast<std::size_t>(i * lanes + lane)];
    const int steps = four_steps(kind) ? 4 : 1;
    for (int m = 0; m < steps; ++m) {
        const auto a = static_cast<std::size_t>(((i * steps + m) * lanes + lane) * 2);
        const auto b = static_cast<std::size_t>(four_steps(kind) ? i * 8 + 2 * m : (i * lanes + lane) * 2);
        sum += std::int64_t{in.a[a]} * in.b[b] + std::int64_t{in.a[a + 1]} * in.b[b + 1];
        sum = saturates(kind) ? std::clamp<std::int64_t>(sum, INT32_MIN, INT32_MAX)
                              : static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
    }
    return static_cast<std::int32_t>(sum);
}

void check(Isa isa, OpKind kind, int width, Masking masking) {
    const int lanes = width / 32;
    const Operands in = operands(kind, lanes);
    std::vector<std::int32_t> d(in.c.size(), 0x5A5A5A5A);
    run_instruction(isa, kind, {width, masking}, kCount, in.a.data(), in.b.data(), in.c.data(),
                    masking == Masking::none ? nullptr : in.k.data(), d.data());
    for (std::int64_t i = 0; i < kCount; ++i) {
        for (int lane = 0; lane < lanes; ++lane) {
            const auto place = static_cast<std::size_t>(i * lanes + lane);
            const bool masked = masking != Masking::none && (in.k[static_cast<std::size_t>(i)] >> lane & 1) == 0;
            const std::int32_t kept = masking == Masking::zero ? 0 : in.c[place];
            ASSERT_EQ(d[place], masked ? kept : lane_of(kind, in, i, lane, lanes))
                << name_of(kind) << " on " << name_of(isa) << ", " << width << " bits, masking "
                << static_cast<int>(masking) << ", execution " << i << ", lane " << lane;
        }
    }
}

TEST(FastInstructions, EveryFormOnEveryIsa) {
    int forms = 0;
    for (const Isa isa : supported_isas()) {
        for (const OpKind kind :
             {OpKind::vpmaddwd, OpKind::vpdpwssd, OpKind::vpdpwssds, OpKind::vp4dpwssd, OpKind::vp4dpwssds}) {
            for (const int width : {128, 256, 512}) {
                for (const Masking masking : {Masking::none, Masking::merge, Masking::zero}) {
                    ASSERT_EQ(instruction_supported(isa, kind, {width, masking}), width == 512 || !four_steps(kind));
                    if (!instruction_supported(isa, kind, {width, masking})) continue;
                    check(isa, kind, width, masking);
                    ++forms;
                }
            }
        }
    }
    EXPECT_EQ(forms, static_cast<int>(supported_isas().size()) * (3 * 9 + 2 * 3));
}

TEST(FastInstructions, OthersAreRefused) {
    EXPECT_FALSE(instruction_supported(Isa::portable, OpKind::gemm, {}));
    EXPECT_THROW(run_instruction(Isa::portable, OpKind::vp4dpwssd, {256, Masking::none}, 0, nullptr, nullptr, nullptr,
                                 nullptr, nullptr),
                 InputError);
}

// VPMADDWD needs no c unless merge masking keeps it.
TEST(FastInstructions, VpmaddwdWithoutFormerDestination) {
    const Operands in = operands(OpKind::vpmaddwd, 16);
    for (const Isa isa : supported_isas()) {
        std::vector<std::int32_t> d(in.c.size());
        run_instruction(isa, OpKind::vpmaddwd, {512, Masking::none}, kCount, in.a.data(), in.b.data(), nullptr, nullptr,
                        d.data());
        EXPECT_EQ(d[0], lane_of(OpKind::vpmaddwd, in, 0, 0, 16));
    }
}

}  // namespace
}  // namespace dfp16::fast
