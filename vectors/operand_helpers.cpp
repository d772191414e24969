#include "vectors/operand_helpers.h"

#include "sim/types/error.h"

namespace dfp16::operand {

void require(bool condition, const std::string& message) {
    if (!condition) throw InputError(message);
}

void require_size(const char* name, std::int64_t value, std::int64_t least) {
    constexpr std::int64_t kLargest = (std::int64_t{1} << 31) - 1;
    require(value >= least && value <= kLargest,
            std::string(name) + " = " + std::to_string(value) + ", expected " + std::to_string(least) + " to 2^31 - 1");
}

Operand int16(const std::string& name, const std::string& axes, const Shape& shape) {
    return {name, axes, ElementType::mantissa, shape, true};
}

Operand int32(const std::string& name, const std::string& axes, const Shape& shape) {
    return {name, axes, ElementType::accumulator, shape, false};
}

Operand scaled_int32(const std::string& name, const std::string& axes, const Shape& shape) {
    return {name, axes, ElementType::accumulator, shape, true};
}

Operand fp32(const std::string& name, const std::string& axes, const Shape& shape) {
    return {name, axes, ElementType::fp32, shape, false};
}

Operand labels(const std::string& name, const std::string& axes, const Shape& shape) {
    return {name, axes, ElementType::label, shape, false};
}

Operand either(ElementType type, const std::string& name, const std::string& axes, const Shape& shape) {
    require(type == ElementType::mantissa || type == ElementType::fp32,
            std::string("type = ") + name_of(type) + ", expected int16 or fp32");
    return type == ElementType::fp32 ? fp32(name, axes, shape) : int16(name, axes, shape);
}

Operand factor(const Accumulation& accumulation, const std::string& name, const std::string& axes, const Shape& shape) {
    return accumulation.policy == Policy::fma ? fp32(name, axes, shape) : int16(name, axes, shape);
}

Operand sum(const Accumulation& accumulation, const std::string& name, const std::string& axes, const Shape& shape) {
    require_size("chain", accumulation.chain);
    const bool integers = accumulation.policy == Policy::wrap || accumulation.policy == Policy::saturate;
    return integers ? scaled_int32(name, axes, shape) : fp32(name, axes, shape);
}

void check_rounding(const RoundingParams& params) {
    require(params.headroom >= 0 && params.headroom <= kHeadroomMax,
            "headroom = " + std::to_string(params.headroom) + ", expected 0 to " + std::to_string(kHeadroomMax));
    check_tensor(params.tensor);
}

void check_tensor(std::uint32_t tensor) {
    require(tensor < (1u << 24), "tensor = " + std::to_string(tensor) + ", expected below 2^24");
}

void check_window(const char* size_name, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                  const char* output_name, std::int64_t output, SizeRounding rounding) {
    require_size(size_name, size);
    require_size("kernel", window);
    require_size("stride", stride);
    require_size("pad", pad, 0);
    const bool fits = rounding == SizeRounding::ceil || size + 2 * pad >= window;
    require(fits, "kernel of " + std::to_string(window) + " does not fit " + size_name + " = " + std::to_string(size) +
                      " with pad " + std::to_string(pad));
    const std::int64_t expected = pooled_size(size, window, stride, pad, rounding);
    require(output == expected,
            std::string(output_name) + " = " + std::to_string(output) + ", expected " + std::to_string(expected));
}

}  // namespace dfp16::operand
