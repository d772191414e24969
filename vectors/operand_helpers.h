// Pieces of the tables of operands.
#pragma once

#include <cstdint>
#include <string>

#include "reference/interface/operation.h"
#include "vectors/operands.h"

namespace dfp16::operand {

Operand int16(const std::string& name, const std::string& axes, const Shape& shape);
/// Without a scale.
Operand int32(const std::string& name, const std::string& axes, const Shape& shape);
Operand scaled_int32(const std::string& name, const std::string& axes, const Shape& shape);
Operand fp32(const std::string& name, const std::string& axes, const Shape& shape);
Operand labels(const std::string& name, const std::string& axes, const Shape& shape);
/// A tensor of an operation that takes INT16 and FP32.
Operand either(ElementType type, const std::string& name, const std::string& axes, const Shape& shape);
/// An operand of a sum of products.
Operand factor(const Accumulation& accumulation, const std::string& name, const std::string& axes, const Shape& shape);
/// The result of a sum of products.
Operand sum(const Accumulation& accumulation, const std::string& name, const std::string& axes, const Shape& shape);

// Each throws InputError.
void require(bool condition, const std::string& message);
/// least to 2^31 - 1: large enough for any tensor, small enough that no size computed from it overflows.
void require_size(const char* name, std::int64_t value, std::int64_t least = 1);
void check_rounding(const RoundingParams& params);
/// The tensor id of a random stream.
void check_tensor(std::uint32_t tensor);
/// One dimension of a convolution or pooling window.
void check_window(const char* size_name, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                  const char* output_name, std::int64_t output, SizeRounding rounding = SizeRounding::floor);

}  // namespace dfp16::operand
