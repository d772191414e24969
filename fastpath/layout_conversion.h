// From one layout to another.
#pragma once

#include "fastpath/tensor.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

/// Copies the elements (not the exponent) of `from` to `to`, a tensor of the same type and logical shape, and zeroes
/// its padding.
void convert_layout(ThreadPool& pool, const Tensor& from, const Tensor& to);

}  // namespace dfp16::fast
