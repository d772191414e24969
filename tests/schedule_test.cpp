// Learning rates against an independent computation: FP32 rounded by Boost.Multiprecision, and true cosines.
#include "reference/schedule.h"

#include <gtest/gtest.h>

#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cstdint>
#include <string>

#include "sim/types/error.h"

namespace dfp16 {
namespace {

namespace mp = boost::multiprecision;
using Wide = mp::cpp_bin_float_50;
/// FP32, each operation rounded once to nearest even.
using Fp32 = mp::number<mp::cpp_bin_float<24, mp::digit_base_2, void, std::int16_t, -126, 127>, mp::et_off>;

float rate_of(const std::string& schedule, float rate, std::int64_t step, std::int64_t steps, std::int64_t warmup = 0) {
    Schedule parsed = schedule_of(schedule);
    parsed.warmup = warmup;
    return learning_rate_of(parsed, rate, step, steps);
}

Fp32 left(std::int64_t step, std::int64_t steps) {
    // By way of the wide type: the narrow one takes integers beyond 24 bits without rounding to nearest.
    return Fp32(1) - Fp32(Wide(step)) / Fp32(Wide(steps));
}

constexpr std::int64_t kSteps[] = {1, 2, 3, 7, 100, 937, 90000, 20000001};

/// Some steps of a run, first and last among them.
template <typename Check>
void for_steps(std::int64_t steps, Check check) {
    for (std::int64_t step = 0; step < steps; step += 1 + steps / 61) check(step);
    check(steps - 1);
}

TEST(Schedule, ConstantStays) {
    EXPECT_EQ(rate_of("constant", 0.02f, 0, 10), 0.02f);
    EXPECT_EQ(rate_of("constant", 0.02f, 9, 10), 0.02f);
}

TEST(Schedule, LinearFallsToOneStepAboveZero) {
    EXPECT_EQ(rate_of("linear", 0.5f, 0, 4), 0.5f);
    EXPECT_EQ(rate_of("linear", 0.5f, 3, 4), 0.125f);
    for (const std::int64_t steps : kSteps) {
        for_steps(steps, [&](std::int64_t step) {
            const Fp32 expected = Fp32(0.1f) * left(step, steps);
            EXPECT_EQ(rate_of("linear", 0.1f, step, steps), expected.convert_to<float>());
            EXPECT_EQ(rate_of("poly:1", 0.1f, step, steps), expected.convert_to<float>());
        });
    }
}

TEST(Schedule, PolyMultipliesOnceForEachPower) {
    for (const std::int64_t steps : kSteps) {
        for_steps(steps, [&](std::int64_t step) {
            const Fp32 b = left(step, steps);
            const Fp32 square = Fp32(0.1f) * (b * b);
            const Fp32 cube = Fp32(0.1f) * (b * b * b);
            const Fp32 root = Fp32(0.1f) * sqrt(b);
            EXPECT_EQ(rate_of("poly:2", 0.1f, step, steps), square.convert_to<float>()) << step << " of " << steps;
            EXPECT_EQ(rate_of("poly:3", 0.1f, step, steps), cube.convert_to<float>()) << step << " of " << steps;
            EXPECT_EQ(rate_of("poly:0.5", 0.1f, step, steps), root.convert_to<float>()) << step << " of " << steps;
        });
    }
}

/// The polynomial's error is far below FP32: so it gives the rounded true value at all of these steps.
TEST(Schedule, CosineIsTheRoundedCosine) {
    for (const std::int64_t steps : kSteps) {
        for_steps(steps, [&](std::int64_t step) {
            const Wide angle = boost::math::constants::pi<Wide>() * Wide(step) / Wide(steps);
            const Wide expected = Wide(0.1f) * (1 + cos(angle)) / 2;
            EXPECT_EQ(rate_of("cosine", 0.1f, step, steps), expected.convert_to<float>()) << step << " of " << steps;
        });
    }
    EXPECT_EQ(rate_of("cosine", 0.1f, 0, 5), 0.1f);
}

TEST(Schedule, StepsDropTheRate) {
    const Fp32 once = Fp32(0.02f) * Fp32(0.1f);
    const Fp32 twice = once * Fp32(0.1f);
    EXPECT_EQ(rate_of("step:0.1:30", 0.02f, 29, 100), 0.02f);
    EXPECT_EQ(rate_of("step:0.1:30", 0.02f, 30, 100), once.convert_to<float>());
    EXPECT_EQ(rate_of("step:0.1:30", 0.02f, 60, 100), twice.convert_to<float>());
    EXPECT_EQ(rate_of("multistep:0.1:10,70", 0.02f, 9, 100), 0.02f);
    EXPECT_EQ(rate_of("multistep:0.1:10,70", 0.02f, 69, 100), once.convert_to<float>());
    EXPECT_EQ(rate_of("multistep:0.1:10,70", 0.02f, 70, 100), twice.convert_to<float>());
    EXPECT_EQ(rate_of("multistep:0.1:10", 0.02f, 99, 100), once.convert_to<float>());
    EXPECT_EQ(rate_of("step:0.1:1", 0.02f, 4000000000, 5000000000), 0.0f);
    EXPECT_EQ(rate_of("step:1:1", 0.02f, 4000000000, 5000000000), 0.02f);
}

TEST(Schedule, WarmupRisesInFront) {
    EXPECT_EQ(rate_of("constant", 0.5f, 0, 10, 4), 0.125f);
    EXPECT_EQ(rate_of("constant", 0.5f, 3, 10, 4), 0.5f);
    EXPECT_EQ(rate_of("linear", 0.5f, 4, 12, 4), 0.5f);
    EXPECT_EQ(rate_of("linear", 0.5f, 11, 12, 4), 0.0625f);
    EXPECT_EQ(rate_of("cosine", 0.5f, 4, 12, 4), 0.5f);
    EXPECT_EQ(rate_of("cosine", 0.5f, 8, 12, 4), 0.25f);
    EXPECT_EQ(rate_of("step:0.5:6", 0.5f, 6, 12, 4), 0.25f);
    for_steps(937, [](std::int64_t step) {
        const Fp32 expected = Fp32(0.1f) * (Fp32(step + 1) / Fp32(937));
        EXPECT_EQ(rate_of("poly:2", 0.1f, step, 2000, 937), expected.convert_to<float>()) << step;
    });
}

TEST(Schedule, NamesReadBack) {
    for (const char* name : {"constant", "linear", "cosine", "poly:1", "poly:16", "poly:0.5", "step:0.1:30",
                             "multistep:0.94:1", "multistep:0.1:10,70,71"}) {
        EXPECT_EQ(name_of(schedule_of(name)), name);
    }
}

TEST(Schedule, RejectsTheRest) {
    for (const char* name : {"",
                             "sine",
                             "linear:",
                             "linear:2",
                             "poly",
                             "poly:0",
                             "poly:17",
                             "poly:1.5",
                             "poly:-1",
                             "step:0.1",
                             "step:0.1:0",
                             "step:0:5",
                             "step:1.5:5",
                             "step:nan:5",
                             "step:0.1:5:6",
                             "step:0.1:",
                             "step:0.1:5,6",
                             "multistep:0.1:",
                             "multistep:0.1:5,5",
                             "multistep:0.1:6,5",
                             "multistep:0.1:0",
                             "multistep:0.1:5,",
                             "step::5",
                             "cosine:1"}) {
        EXPECT_THROW(schedule_of(name), InputError) << name;
    }
}

}  // namespace
}  // namespace dfp16
