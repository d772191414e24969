// A sum of products (or an instruction's lane) as a kernel computes it that is right but for what is changed here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

/// What becomes of the products of an output. The first five are the contract's.
enum class SumKind {
    exact,
    chain,
    wrap,
    saturate,
    fma,
    saturate_products,  ///< clamped after each product, not each pair
    saturate_end,       ///< clamped once, at the end
    int32_wrap,         ///< one INT32 sum modulo 2^32, then FP32
    int32_saturate,     ///< one INT32 sum, clamped after each pair, then FP32
    chain_saturate,     ///< chains that are clamped for wrapped
    float_products,     ///< each product rounded to FP32, added in FP32
    truncate,           ///< exact, rounded toward zero to FP32
};

struct SumModel {
    SumKind kind = SumKind::exact;
    std::int64_t chain = 128;  ///< products a chain: twice the pairs
    bool images_end_chains = true;
    bool taps_end_chains = false;
    Geometry geometry;
    std::function<void(std::vector<Term>&)> change;        ///< of an output's terms; empty: none
    std::function<std::int64_t(std::int64_t)> a_at, b_at;  ///< which element is read for index i; empty: i
    bool unsigned_a = false, unsigned_b = false;
    std::int64_t padding_value = 0;  ///< what a tap on padding reads
    std::int64_t stale_within = 0;   ///< an output's sum goes on from that of the output before, within runs of so many
};

/// The contract's way for a case; only for sums of products and instructions.
SumModel contract_model(const CaseHeader& header);

/// The sum of one output as it grows.
struct Sum {
    std::int64_t total = 0;
    float acc = 0.0f;
};

/// One case's outputs under a model.
class Sums {
public:
    Sums(const Case& inputs, const SumModel& model);
    /// Bits of an output, masked lanes of an instruction included. Beyond FP32: an infinity.
    std::uint32_t bits(std::int64_t output) const;
    /// Under stale_within: of every output, one after the other.
    std::vector<std::uint32_t> all_bits(std::int64_t outputs) const;

private:
    void add(Sum& sum, std::int64_t output) const;
    void add_chains(Sum& sum, const std::vector<Term>& terms) const;
    void add_saturating(Sum& sum, const std::vector<Term>& terms) const;
    void add_fp32(Sum& sum, const std::vector<Term>& terms) const;
    std::int64_t product(const Term& term) const;
    std::int64_t element(const HostTensor& tensor, std::int64_t index, bool is_unsigned,
                         const std::function<std::int64_t(std::int64_t)>& at) const;
    Sum start(std::int64_t output) const;
    std::uint32_t finish(const Sum& sum) const;
    std::optional<std::uint32_t> masked(std::int64_t output) const;

    const Case& inputs_;
    const SumModel& model_;
    const HostTensor& a_;
    const HostTensor& b_;
    int scale_;
};

/// Offers the output tensor under a model, unless it explains none of a sample of the differing elements.
void offer_sums(const Evidence& evidence, Trial& trial, const std::string& words, const SumModel& model);

}  // namespace dfp16::triage
