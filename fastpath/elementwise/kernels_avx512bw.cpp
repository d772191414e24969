#include "fastpath/elementwise/add_kernel_avx512bw.h"
#include "fastpath/elementwise/batch_norm_kernel_avx512bw.h"
#include "fastpath/elementwise/down_convert_kernel_avx512bw.h"
#include "fastpath/elementwise/interleave_kernel_avx512bw.h"
#include "fastpath/elementwise/kernel_list.h"
#include "fastpath/elementwise/max_pool_kernel_avx512bw.h"

namespace dfp16::fast {

namespace {

/// What a compiler does with half vectors, or in more steps, by hand.
constexpr KernelTable with_vectors(KernelTable kernels) {
    kernels.marks_positive = true;
    kernels.add_to_mantissas = add_to_mantissas_vectors;
    kernels.copy_past_caches = copy_past_caches_vectors;
    kernels.affine_to_mantissas = affine_to_mantissas_vectors;
    kernels.quantize_channels = quantize_channels_vectors;
    kernels.block_sums = block_sums_vectors;
    kernels.block_products = block_products_vectors;
    kernels.batch_norm_gradient_to_mantissas = batch_norm_gradient_to_mantissas_vectors;
    kernels.sums_to_mantissas = sums_to_mantissas_vectors;
    kernels.max_pool_backward = max_pool_backward_row_vectors;
    return kernels;
}

}  // namespace

const KernelTable kKernelsAvx512bw = with_vectors(kKernels);

}  // namespace dfp16::fast
