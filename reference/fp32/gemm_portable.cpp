#define Eigen Eigen_portable
#define DFP16_GEMM gemm_portable
#include "reference/fp32/gemm_eigen.inc"
