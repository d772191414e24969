// The FP32 twin: runs FP32 graphs with Eigen. A baseline for accuracy, never golden.
#pragma once

#include <memory>

#include "reference/interface/backend.h"

namespace dfp16 {

/// Runs graphs whose tensors are all FP32 (and labels): the operations of contract sections 7 to 12 without
/// quantization, in ordinary FP32 arithmetic. Results do not depend on the number of threads, but may on the CPU.
/// threads >= 1. prepare() throws InputError for any other graph.
std::unique_ptr<Backend> make_fp32_backend(int threads);

}  // namespace dfp16
