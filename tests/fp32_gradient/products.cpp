// Matrix products and fully connected layers of the FP32 twin.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/fp32/gemm.h"
#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

TEST(Fp32Gemm, EveryIsaAndLayout) {
    std::vector<fp32::Gemm> gemms = {fp32::gemm_portable};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) gemms.push_back(fp32::gemm_avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) gemms.push_back(fp32::gemm_avx512);
    struct Sizes {
        std::int64_t M, N, K;
    };
    for (const Sizes s : {Sizes{1, 1, 1}, {1, 7, 5}, {7, 1, 5}, {5, 7, 1}, {3, 50, 17}, {33, 97, 70}, {64, 130, 300}}) {
        const std::int64_t stride = s.N + 3;
        for (int layout = 0; layout < 8; ++layout) {
            const bool at = layout & 1;
            const bool bt = layout & 2;
            const bool accumulate = layout & 4;
            const HostTensor a = tensor_of({s.M * s.K}, random_values(s.M * s.K, 1));
            const HostTensor b = tensor_of({s.K * s.N}, random_values(s.K * s.N, 2));
            const HostTensor c = tensor_of({s.M * stride}, random_values(s.M * stride, 3));
            for (const fp32::Gemm gemm : gemms) {
                std::vector<float> got = c.fp32();
                gemm({a.fp32().data(), s.M, s.K, at ? s.M : s.K, at}, {b.fp32().data(), s.K, s.N, bt ? s.K : s.N, bt},
                     got.data(), stride, accumulate);
                for (std::int64_t i = 0; i < s.M * stride; ++i) {
                    const std::int64_t m = i / stride;
                    const std::int64_t n = i % stride;
                    const float before = c.fp32()[static_cast<std::size_t>(i)];
                    double sum = accumulate || n >= s.N ? before : 0.0;
                    double magnitude = std::abs(sum);
                    for (std::int64_t k = 0; n < s.N && k < s.K; ++k) {
                        const double product =
                            static_cast<double>(a.fp32()[static_cast<std::size_t>(at ? k * s.M + m : m * s.K + k)]) *
                            b.fp32()[static_cast<std::size_t>(bt ? n * s.K + k : k * s.N + n)];
                        sum += product;
                        magnitude += std::abs(product);
                    }
                    ASSERT_NEAR(got[static_cast<std::size_t>(i)], sum, 1e-6 * magnitude)
                        << s.M << " " << s.N << " " << s.K << " layout " << layout;
                }
            }
        }
    }
}

Values naive_fc(const FcParams& fc, const Values& x, const Values& w) {
    Values y;
    for (std::int64_t n = 0; n < fc.N; ++n) {
        for (std::int64_t k = 0; k < fc.K; ++k) {
            double sum = 0.0;
            for (std::int64_t c = 0; c < fc.C; ++c) {
                sum += x[static_cast<std::size_t>(n * fc.C + c)] * w[static_cast<std::size_t>(k * fc.C + c)];
            }
            y.push_back(sum);
        }
    }
    return y;
}

GRADIENT_TEST(Fp32FullyConnected, OpKind::fc_forward, OpKind::fc_backward_data, OpKind::fc_weight_gradient) {
    for (const FcParams fc : {FcParams{5, 12, 7, {}}, {1, 12, 1, {}}, {3, 60, 101, {}}, {2, 12, 1000, {}}}) {
        const Shape x_shape = {fc.N, fc.C / 12, 4, 3};
        const Shape w_shape = {fc.K, fc.C};
        const Shape y_shape = {fc.N, fc.K};
        const Values x = random_values(fc.N * fc.C, 1);
        const Values w = random_values(fc.K * fc.C, 2);
        const Values dy = random_values(fc.N * fc.K, 3);
        const HostTensor tx = tensor_of(x_shape, x);
        const HostTensor tw = tensor_of(w_shape, w);
        const HostTensor tdy = tensor_of(y_shape, dy);
        expect_near(run_operation(OpKind::fc_forward, fc, {tx, tw}, {y_shape})[0], naive_fc(fc, x, w), 1e-6, "y");
        const auto of_x = [&](const Values& v) { return naive_fc(fc, v, w); };
        const auto of_w = [&](const Values& v) { return naive_fc(fc, x, v); };
        expect_gradient(run_operation(OpKind::fc_backward_data, fc, {tdy, tw}, {x_shape})[0], of_x, x, dy, "dx");
        const HostTensor dw = run_operation(OpKind::fc_weight_gradient, fc, {tx, tdy}, {w_shape})[0];
        expect_gradient(dw, of_w, w, dy, "dw", w.size() > 1000 ? 29 : 1);
        expect_same_bits(run_operation(OpKind::fc_weight_gradient, fc, {tx, tdy}, {w_shape}, 1)[0], dw, "dw");
    }
}

}  // namespace
}  // namespace dfp16::test
