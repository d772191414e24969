// Pieces of the tables of operands.
#pragma once

#include <cstdint>
#include <string>

#include "reference/interface/operation.h"
#include "vectors/operands.h"

namespace dfp16::operand {

Operand int16(const char* name, const char* axes, const Shape& shape);
/// Without a scale.
Operand int32(const char* name, const char* axes, const Shape& shape);
Operand scaled_int32(const char* name, const char* axes, const Shape& shape);
Operand fp32(const char* name, const char* axes, const Shape& shape);
Operand labels(const char* name, const char* axes, const Shape& shape);
/// The result of a sum of products.
Operand sum(const Accumulation& accumulation, const char* name, const char* axes, const Shape& shape);

// Each throws InputError.
void require(bool condition, const std::string& message);
/// least to 2^31 - 1: large enough for any tensor, small enough that no size computed from it overflows.
void require_size(const char* name, std::int64_t value, std::int64_t least = 1);
void check_rounding(const RoundingParams& params);
/// One dimension of a convolution or pooling window.
void check_window(const char* size_name, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                  const char* output_name, std::int64_t output);

}  // namespace dfp16::operand
