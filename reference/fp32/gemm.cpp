#include "reference/fp32/gemm.h"

#include <algorithm>

namespace dfp16::fp32 {

Gemm best_gemm() {
    // Each asks for all that its source is compiled with (reference/CMakeLists.txt).
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    if (avx2 && avx512) return gemm_avx512;
    return avx2 ? gemm_avx2 : gemm_portable;
}

namespace {

/// Columns [first, first + count).
Matrix columns(const Matrix& matrix, std::int64_t first, std::int64_t count) {
    Matrix part = matrix;
    part.data += matrix.transposed ? first * matrix.stride : first;
    part.cols = count;
    return part;
}

}  // namespace

void parallel_gemm(ThreadPool& pool, Gemm gemm, const Matrix& a, const Matrix& b, float* c) {
    constexpr std::int64_t kGrain = 48;  // the register tile of Eigen's AVX-512 kernel; a multiple of the others
    constexpr std::int64_t kParts = 16;
    const std::int64_t grains = (b.cols + kGrain - 1) / kGrain;
    const std::int64_t width = (grains + kParts - 1) / kParts * kGrain;
    if (width >= b.cols) return gemm(a, b, c, b.cols, false);
    pool.parallel_for((b.cols + width - 1) / width, [&](std::int64_t part, int) {
        const std::int64_t first = part * width;
        gemm(a, columns(b, first, std::min(width, b.cols - first)), c + first, b.cols, false);
    });
}

}  // namespace dfp16::fp32
