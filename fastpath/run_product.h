// Sums of products on tensors.
#pragma once

#include "fastpath/elementwise/execution.h"
#include "fastpath/products.h"
#include "fastpath/tensor.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// output = operation(a, b), a sum of products under any policy. Throws InputError that starts with the output's name.
void run_product(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, Tensor& output);
/// The same with another place for the result than the output's memory.
void run_product(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, Tensor& output,
                 const Result& result);

}  // namespace dfp16::fast
