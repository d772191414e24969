#include "fastpath/products_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastpath/dot_tile/vector_ops.h"
#include "sim/types/error.h"

namespace dfp16::fast {

std::int64_t Named::elements() const {
    std::int64_t count = 1;
    for (std::size_t d = 0; d < shape.size(); ++d) count *= blocked && d == 1 ? (shape[d] + 15) / 16 * 16 : shape[d];
    return count;
}

std::string Named::element(std::int64_t place) const {
    std::int64_t within = 0;  // the channel within its block
    if (blocked) {
        within = place % 16;
        place /= 16;
    }
    std::string text;
    for (std::size_t d = shape.size(); d-- > 0;) {
        const std::int64_t size = blocked && d == 1 ? (shape[d] + 15) / 16 : shape[d];
        const std::int64_t coordinate = blocked && d == 1 ? place % size * 16 + within : place % size;
        place /= size;
        text = (d > 0 ? "," : "") + std::to_string(coordinate) + text;
    }
    return std::string(name) + " (" + text + ")";
}

std::int32_t largest_magnitude(const Products& products, const std::int16_t* mantissas, std::int64_t elements) {
    constexpr std::int64_t piece = 1 << 16;
    const VectorOps& ops = vector_ops(products.isa);
    std::vector<std::int32_t> largest(static_cast<std::size_t>((elements + piece - 1) / piece));
    products.pool->parallel_for(static_cast<std::int64_t>(largest.size()), [&](std::int64_t i, int) {
        largest[static_cast<std::size_t>(i)] =
            ops.largest_magnitude(mantissas + i * piece, std::min(piece, elements - i * piece));
    });
    return *std::max_element(largest.begin(), largest.end());
}

BroadcastBound check_operand(const Products& products, Policy policy, const Named& tensor, const Operand& operand) {
    if (policy != Policy::exact) return {};
    if (operand.largest >= 0) return {operand.largest, operand.non_negative};
    const std::int16_t* mantissas = operand.mantissas;
    const std::int64_t elements = tensor.elements();
    const std::int32_t result = largest_magnitude(products, mantissas, elements);
    if (result == 32768) {
        const std::int64_t place = std::find(mantissas, mantissas + elements, std::int16_t{-32768}) - mantissas;
        throw InputError(tensor.element(place) + ": mantissa -32768; policy exact expects -32767 to 32767");
    }
    return {result, operand.non_negative};
}

void throw_beyond_fp32(const Named& tensor, const float* results) {
    const std::int64_t elements = tensor.elements();
    const auto* found = std::find_if(results, results + elements, [](float value) { return !std::isfinite(value); });
    throw InputError(tensor.element(found - results) +
                     (std::isnan(*found) ? ": result is not a number" : ": result beyond FP32 (2^128 or more)"));
}

double scale_of(const Operand& a, const Operand& b) {
    return std::ldexp(1.0, std::clamp(a.exponent + b.exponent, -700, 700));
}

}  // namespace dfp16::fast
