// What convolution, fully connected and gemm share: rows of operands in the contract's order (section 7), and one sum
// of products (section 5) per pair of rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "sim/overflow_oracle.h"
#include "sim/types/mantissa.h"
#include "sim/types/policy.h"

namespace dfp16 {

/// The other operand of many sums: its elements in the contract's order, and the largest L1 norm of its chains.
struct OperandRow {
    std::vector<Mantissa> elements;
    std::int64_t chain_l1 = 0;
};

class SumOfProducts {
public:
    /// Outputs go to `out`. A row is one or more lists of `pairs` pairs each; a list (an image, in weight-gradient)
    /// ends chains. Throws InputError for -32768 under `exact`, naming operand and index.
    SumOfProducts(const Accumulation& accumulation, const HostTensor& a, const HostTensor& b, std::int64_t pairs,
                  HostTensor& out);

    /// Fills in chain_l1.
    void finish(OperandRow& b) const;
    /// Computes out[index], and shows the sum to the overflow oracle.
    void compute(std::int64_t index, std::span<const Mantissa> a, const OperandRow& b, OverflowSummary& overflow) const;

private:
    void store(std::int64_t index, std::span<const Mantissa> a, std::span<const Mantissa> b) const;
    float chains(std::span<const Mantissa> a, std::span<const Mantissa> b) const;

    Accumulation accumulation_;
    std::size_t list_size_;
    std::int64_t oracle_chain_;
    std::int64_t largest_a_ = 0;
    int scale_;
    HostTensor& out_;
};

/// Pairs of `count` neighbours; a last odd one is paired with zero.
constexpr std::int64_t pairs_of(std::int64_t count) {
    return (count + 1) / 2;
}

}  // namespace dfp16
