#include "vectors/triage/hypotheses.h"

#include <algorithm>

namespace dfp16::triage {

namespace {

bool has_exponent(const HostTensor& tensor) {
    return tensor.type() == ElementType::mantissa || tensor.type() == ElementType::accumulator;
}

/// How far an answer agrees with the kernel, as Diagnosis::explained.
double agreement(const Evidence& evidence, const std::vector<HostTensor>& answer) {
    std::int64_t explained = 0, told = 0;
    for (std::size_t i = 0; i < answer.size(); ++i) {
        const HostTensor& expected = evidence.expected[i];
        const HostTensor& got = evidence.got[i];
        for (std::int64_t j = 0; j < expected.elements(); ++j) {
            const bool differs = got.bits(j) != expected.bits(j);
            const bool would = answer[i].bits(j) != expected.bits(j);
            told += differs || would ? 1 : 0;
            explained += differs && answer[i].bits(j) == got.bits(j) ? 1 : 0;
        }
        if (!has_exponent(expected)) continue;
        const bool differs = got.exponent != expected.exponent;
        told += differs || answer[i].exponent != expected.exponent ? 1 : 0;
        explained += differs && answer[i].exponent == got.exponent ? 1 : 0;
    }
    return told == 0 ? 0.0 : static_cast<double>(explained) / static_cast<double>(told);
}

constexpr std::size_t kMostPartial = 3;
constexpr double kLeastPartial = 0.05;  // less is chance

}  // namespace

void Trial::offer(const std::string& words, const std::vector<HostTensor>& outputs) {
    if (!comparable(evidence_.expected, outputs)) return;
    const double found = agreement(evidence_, outputs);
    if (found <= explained_) return;
    explained_ = found;
    words_ = words;
}

void Trial::offer_golden(const std::string& words, const Case& changed) {
    if (const auto outputs = golden_on(changed, evidence_.golden)) offer(words, *outputs);
}

const std::vector<Hypothesis>& hypotheses() {
    static const std::vector<Hypothesis> table = {
        {"rounding-toward-zero", hypothesis::rounding_toward_zero},
        {"rounding-nearest-even", hypothesis::rounding_nearest_even},
        {"rounding-half-away", hypothesis::rounding_half_away},
        {"rounding-arithmetic-shift", hypothesis::rounding_arithmetic_shift},
        {"stochastic-word", hypothesis::stochastic_word},
        {"fp32-toward-zero", hypothesis::fp32_toward_zero},
        {"flush-to-zero", hypothesis::flush_to_zero},
        {"zero-sign", hypothesis::zero_sign},
        {"relu", hypothesis::relu},
        {"saturate-for-wrap", hypothesis::saturate_for_wrap},
        {"wrap-for-saturate", hypothesis::wrap_for_saturate},
        {"saturate-elsewhere", hypothesis::saturate_elsewhere},
        {"missing-spill", hypothesis::missing_spill},
        {"exact-for-chain", hypothesis::exact_for_chain},
        {"chain-length", hypothesis::chain_length},
        {"chain-across-images", hypothesis::chain_across_images},
        {"chain-per-tap", hypothesis::chain_per_tap},
        {"chain-for-exact", hypothesis::chain_for_exact},
        {"unfused", hypothesis::unfused},
        {"wrong-exponent", hypothesis::wrong_exponent},
        {"headroom", hypothesis::headroom},
        {"unclamped", hypothesis::unclamped},
        {"unsigned-operand", hypothesis::unsigned_operand},
        {"pairs-swapped", hypothesis::pairs_swapped},
        {"dropped-last-pair", hypothesis::dropped_last_pair},
        {"dropped-tail", hypothesis::dropped_tail},
        {"double-counted", hypothesis::double_counted},
        {"stale-accumulator", hypothesis::stale_accumulator},
        {"flipped-filter", hypothesis::flipped_filter},
        {"padding-size", hypothesis::padding_size},
        {"padding-value", hypothesis::padding_value},
        {"wrong-stride", hypothesis::wrong_stride},
        {"groups-ignored", hypothesis::groups_ignored},
        {"transposed-operand", hypothesis::transposed_operand},
        {"tensor-layout", hypothesis::tensor_layout},
        {"summation-order", hypothesis::summation_order},
        {"mask-ignored", hypothesis::mask_ignored},
        {"pool-ties", hypothesis::pool_ties},
        {"pool-divisor", hypothesis::pool_divisor},
        {"parameter-ignored", hypothesis::parameter_ignored},
    };
    return table;
}

std::vector<Diagnosis> diagnose(const Evidence& evidence) {
    std::vector<Diagnosis> complete, partial;
    for (const Hypothesis& hypothesis : hypotheses()) {
        Trial trial(evidence);
        hypothesis.try_on(evidence, trial);
        const Diagnosis diagnosis{hypothesis.class_name, trial.words(), trial.explained()};
        if (trial.explained() == 1.0) {
            complete.push_back(diagnosis);
        } else if (trial.explained() >= kLeastPartial) {
            partial.push_back(diagnosis);
        }
    }
    if (!complete.empty()) return complete;
    std::stable_sort(partial.begin(), partial.end(),
                     [](const Diagnosis& one, const Diagnosis& other) { return one.explained > other.explained; });
    if (partial.size() > kMostPartial) partial.resize(kMostPartial);
    return partial;
}

}  // namespace dfp16::triage
