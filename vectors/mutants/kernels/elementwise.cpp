// multiply, add and down-convert: integers with one exponent, then one requantization.
#include <algorithm>
#include <cmath>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/requantize.h"

namespace dfp16::mutants {

namespace {

std::int64_t largest_of(const HostTensor& tensor) {
    std::int64_t largest = 0;
    for (const Mantissa m : tensor.mantissas()) largest = std::max<std::int64_t>(largest, std::abs(m.value));
    return largest;
}

/// Mantissas of the operand with the smaller exponent, shifted to the larger one.
std::vector<std::int64_t> aligned(const HostTensor& x, int exponent, const AddParams& p, const Call& call) {
    const Purpose purpose = call.bug == Bug::add_aligns_with_wrong_words ? Purpose::down_convert : Purpose::align;
    const RandomStream stream{call.context.seed, call.context.step, purpose, p.rounding.tensor};
    const bool draws = p.rounding.rounding == Rounding::stochastic;
    std::vector<std::int64_t> v(size_of(x));
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint32_t word = draws ? word_of(stream, i, call.bug) : 0;
        v[i] = round_right(int16_at(x, i), exponent - x.exponent.value, p.rounding.rounding, word, call.bug);
    }
    return v;
}

}  // namespace

void down_convert(const Call& call) {
    const HostTensor& x = *call.in[0];
    std::vector<std::int64_t> v(size_of(x));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = x.accumulators()[i].value;
    requantize(v, x.exponent.value, std::get<RoundingParams>(call.params), call, *call.out[0]);
}

void multiply(const Call& call) {
    const HostTensor& a = *call.in[0];
    const HostTensor& b = *call.in[1];
    std::vector<std::int64_t> v(size_of(a));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::int64_t{int16_at(a, i)} * int16_at(b, i);
    const int exponent = a.exponent.value + b.exponent.value;
    if (call.bug == Bug::multiply_shift_from_operands) {
        // An element more that is as large as the product of both maxima, then dropped.
        HostTensor longer(ElementType::mantissa, {a.elements() + 1});
        v.push_back(largest_of(a) * largest_of(b));
        requantize(v, exponent, std::get<RoundingParams>(call.params), call, longer);
        std::copy_n(longer.mantissas().begin(), v.size() - 1, call.out[0]->mantissas().begin());
        call.out[0]->exponent = longer.exponent;
        return;
    }
    requantize(v, exponent, std::get<RoundingParams>(call.params), call, *call.out[0]);
}

void add(const Call& call) {
    const auto& p = std::get<AddParams>(call.params);
    const int ea = call.in[0]->exponent.value;
    const int eb = call.in[1]->exponent.value;
    const int exponent = std::max(ea, eb);
    std::vector<std::int64_t> v = aligned(*call.in[0], exponent, p, call);
    const std::vector<std::int64_t> b = aligned(*call.in[1], exponent, p, call);
    for (std::size_t i = 0; i < v.size(); ++i) {
        v[i] += b[i];
        if (call.bug == Bug::add_saturates_in_int16) v[i] = std::clamp<std::int64_t>(v[i], -32768, 32767);
        if (p.relu && call.bug != Bug::add_relu_after_rounding) v[i] = std::max<std::int64_t>(v[i], 0);
    }
    requantize(v, exponent, p.rounding, call, *call.out[0]);
    if (!p.relu || call.bug != Bug::add_relu_after_rounding) return;
    for (Mantissa& m : call.out[0]->mantissas()) m.value = std::max<std::int16_t>(m.value, 0);
}

}  // namespace dfp16::mutants
