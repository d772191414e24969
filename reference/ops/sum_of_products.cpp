#include "reference/ops/sum_of_products.h"

#include <algorithm>
#include <limits>
#include <string>

#include "reference/ops/reject_lowest.h"
#include "sim/accumulate.h"
#include "sim/certificate.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

std::int64_t magnitude(Mantissa m) {
    return m.value < 0 ? -std::int64_t{m.value} : m.value;
}

}  // namespace

SumOfProducts::SumOfProducts(const Accumulation& accumulation, const HostTensor& a, const HostTensor& b,
                             std::int64_t pairs, HostTensor& out)
    : accumulation_(accumulation),
      list_size_(static_cast<std::size_t>(pairs) * 2),
      oracle_chain_(accumulation.chain),
      scale_(a.exponent.value + b.exponent.value),
      out_(out) {
    const Policy policy = accumulation.policy;
    if (policy == Policy::exact) {
        reject_lowest(a, "first");
        reject_lowest(b, "second");
    }
    if (policy == Policy::wrap || policy == Policy::saturate) {
        oracle_chain_ = std::numeric_limits<std::int64_t>::max();  // one chain
        list_size_ = 0;                                            // lists are one
        out.exponent = {scale_};
    }
    for (const Mantissa m : a.mantissas()) largest_a_ = std::max(largest_a_, magnitude(m));
}

void SumOfProducts::finish(OperandRow& b) const {
    const std::size_t list = list_size_ == 0 ? b.elements.size() : list_size_;
    b.chain_l1 = 0;
    for (std::size_t begin = 0; begin < b.elements.size(); begin += list) {
        std::int64_t l1 = 0;
        for (std::size_t i = 0; i < list; ++i) {
            if (static_cast<std::int64_t>(i / 2) % oracle_chain_ == 0 && i % 2 == 0) l1 = 0;
            l1 += magnitude(b.elements[begin + i]);
            b.chain_l1 = std::max(b.chain_l1, l1);
        }
    }
}

void SumOfProducts::compute(std::int64_t index, std::span<const Mantissa> a, const OperandRow& b,
                            OverflowSummary& overflow) const {
    try {
        store(index, a, b.elements);
    } catch (const InputError& error) {
        throw InputError("element " + std::to_string(index) + ": " + error.what());
    }
    if (certified(largest_a_, b.chain_l1)) return overflow.add_certified(1, largest_a_ * b.chain_l1);
    OutputOverflow output;
    const std::size_t list = list_size_ == 0 ? a.size() : list_size_;
    for (std::size_t begin = 0; begin < a.size(); begin += list) {
        follow(output, a.subspan(begin, list), std::span(b.elements).subspan(begin, list), oracle_chain_,
               static_cast<std::int64_t>(begin / 2));
    }
    overflow.add(index, output);
}

void SumOfProducts::store(std::int64_t index, std::span<const Mantissa> a, std::span<const Mantissa> b) const {
    const auto i = static_cast<std::size_t>(index);
    switch (accumulation_.policy) {
        case Policy::exact: out_.fp32()[i] = scale_exact(exact_sum(a, b), scale_); break;
        case Policy::chain: out_.fp32()[i] = scale_chain(chains(a, b), scale_); break;
        case Policy::wrap: out_.accumulators()[i] = wrap_sum({0}, a, b); break;
        case Policy::saturate: out_.accumulators()[i] = saturate_sum({0}, a, b); break;
        case Policy::fma: throw InputError("policy fma takes FP32 operands");
    }
}

float SumOfProducts::chains(std::span<const Mantissa> a, std::span<const Mantissa> b) const {
    float acc = 0.0f;
    for (std::size_t begin = 0; begin < a.size(); begin += list_size_) {
        acc = chain_sum(acc, a.subspan(begin, list_size_), b.subspan(begin, list_size_), accumulation_.chain);
    }
    return acc;
}

}  // namespace dfp16
