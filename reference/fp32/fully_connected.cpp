// Fully connected layers (contract section 7).
#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

void fc_forward(const Call& call) {
    const auto& fc = call.params<FcParams>();
    const Matrix x = {call.input(0), fc.N, fc.C, fc.C};
    const Matrix w = {call.input(1), fc.C, fc.K, fc.C, true};
    parallel_gemm(call.pool, call.gemm, x, w, call.output(0));
}

void fc_backward_data(const Call& call) {
    const auto& fc = call.params<FcParams>();
    const Matrix dy = {call.input(0), fc.N, fc.K, fc.K};
    const Matrix w = {call.input(1), fc.K, fc.C, fc.C};
    parallel_gemm(call.pool, call.gemm, dy, w, call.output(0));
}

void fc_weight_gradient(const Call& call) {
    const auto& fc = call.params<FcParams>();
    const Matrix x = {call.input(0), fc.N, fc.C, fc.C};
    const Matrix dy = {call.input(1), fc.K, fc.N, fc.K, true};
    parallel_gemm(call.pool, call.gemm, dy, x, call.output(0));
}

}  // namespace dfp16::fp32
