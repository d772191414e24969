#define Eigen Eigen_avx2
#define DFP16_GEMM gemm_avx2
#include "reference/fp32/gemm_eigen.inc"
