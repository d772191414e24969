// C = A * B or C += A * B in FP32, row-major, by Eigen compiled for the CPU that is there.
#pragma once

#include <cstdint>

#include "reference/interface/thread_pool.h"

namespace dfp16::fp32 {

/// A matrix of rows x cols in memory: element (i, j) at data[i * stride + j], or transposed at data[j * stride + i].
struct Matrix {
    const float* data = nullptr;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t stride = 0;
    bool transposed = false;
};

/// a (M,K), b (K,N) -> c (M,N) with `stride` elements from row to row; added to c if `accumulate`. One thread.
using Gemm = void (*)(const Matrix& a, const Matrix& b, float* c, std::int64_t stride, bool accumulate);

void gemm_portable(const Matrix& a, const Matrix& b, float* c, std::int64_t stride, bool accumulate);
void gemm_avx2(const Matrix& a, const Matrix& b, float* c, std::int64_t stride, bool accumulate);
void gemm_avx512(const Matrix& a, const Matrix& b, float* c, std::int64_t stride, bool accumulate);

/// The best of them for this CPU.
Gemm best_gemm();

/// The same product, its columns shared among threads; the cut depends on the shape only. c is dense.
void parallel_gemm(ThreadPool& pool, Gemm gemm, const Matrix& a, const Matrix& b, float* c);

}  // namespace dfp16::fp32
