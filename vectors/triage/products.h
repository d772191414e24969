// Sums of products as plain integers, for hypotheses about operands and accumulators.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "vectors/case.h"

namespace dfp16 {

/// Calls visit(output, a, b), flat indices, for every product of a gemm, convolution or fully connected case. False for
/// other operations, and under policy fma.
bool for_each_product(const CaseHeader& header,
                      const std::function<void(std::size_t output, std::size_t a, std::size_t b)>& visit);

/// The sums of the case with its inputs read as `a` and `b`, modulo 2^64. Empty where for_each_product() is false.
std::vector<std::int64_t> sums_of(const CaseHeader& header, const std::vector<std::int64_t>& a,
                                  const std::vector<std::int64_t>& b, std::size_t outputs);

/// The mantissas of a tensor.
std::vector<std::int64_t> integers_of(const HostTensor& tensor);

/// What the case's policy makes of sums: FP32 rounded once (exact), INT32 modulo 2^32 (wrap) or clamped at the end
/// (saturate). Empty for chain, and where a result leaves FP32.
std::vector<HostTensor> results_of(const Case& golden_case, const HostTensor& expected,
                                   const std::vector<std::int64_t>& sums);

}  // namespace dfp16
