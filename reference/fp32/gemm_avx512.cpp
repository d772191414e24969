#define Eigen Eigen_avx512
#define DFP16_GEMM gemm_avx512
#include "reference/fp32/gemm_eigen.inc"
