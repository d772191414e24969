// Dropout of the FP32 twin.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/fp32_gradient/helpers.h"
#include "tests/oracle/philox.h"

namespace dfp16::test {
namespace {

constexpr std::uint32_t kDropout = 9;  // the contract's number of the purpose

Values naive_dropout(const DropoutParams& dropout, const RunContext& run, const Values& x) {
    const double threshold = std::floor(std::ldexp(double{dropout.rate}, 32));
    Values y = x;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const bool kept = oracle::word({run.seed, run.step, dropout.tensor}, kDropout, i) >= threshold;
        y[i] = kept ? x[i] / (1 - double{dropout.rate}) : 0.0;
    }
    return y;
}

GRADIENT_TEST(Fp32Dropout, OpKind::dropout_forward, OpKind::dropout_backward) {
    for (const DropoutParams dropout : {DropoutParams{0.5f, 3}, {0.4f, 0xFFFFFF}, {0.0f, 1}, {0.999f, 2}}) {
        for (const RunContext& run : {RunContext{1, 0, 0.0f}, RunContext{std::uint64_t{5} << 40, 7, 0.0f}}) {
            const Shape shape = {3, 501};  // no multiple of a Philox block
            const Values x = random_values(shape.elements(), 1);
            const Values dy = random_values(shape.elements(), 2);
            const Forward forward = [&](const Values& v) { return naive_dropout(dropout, run, v); };
            const HostTensor y =
                run_operation(OpKind::dropout_forward, dropout, {tensor_of(shape, x)}, {shape}, 2, {}, run)[0];
            expect_near(y, forward(x), 1e-6, "y");
            const HostTensor dx =
                run_operation(OpKind::dropout_backward, dropout, {tensor_of(shape, dy)}, {shape}, 2, {}, run)[0];
            expect_gradient(dx, forward, x, dy, "dx", 23);
            for (std::int64_t i = 0; i < shape.elements(); ++i) {
                ASSERT_EQ(y.fp32()[static_cast<std::size_t>(i)] == 0, dx.fp32()[static_cast<std::size_t>(i)] == 0) << i;
            }
        }
    }
}

TEST(Fp32Dropout, PartsOfALargeTensor) {
    const Shape shape = {2, 50000};
    const DropoutParams dropout{0.25f, 6};
    const Values x = random_values(shape.elements(), 1);
    expect_near(run_operation(OpKind::dropout_forward, dropout, {tensor_of(shape, x)}, {shape})[0],
                naive_dropout(dropout, {}, x), 1e-6, "y");
}

}  // namespace
}  // namespace dfp16::test
