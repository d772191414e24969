// An instruction's mask that is ignored, inverted, or does the other thing.
#include <utility>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

std::uint32_t mask_of(const Evidence& evidence, std::int64_t vector) {
    return evidence.inputs.inputs.back().bits(vector);
}

/// Every lane computed: golden under a mask of ones.
HostTensor all_lanes(const Evidence& evidence) {
    Case changed = evidence.inputs;
    for (Accumulator& k : changed.inputs.back().accumulators()) k.value = -1;
    const auto outputs = golden_on(changed, evidence.golden);
    return outputs ? (*outputs)[0] : evidence.first_expected();
}

}  // namespace

void hypothesis::mask_ignored(const Evidence& evidence, Trial& trial) {
    const auto* params = std::get_if<InstructionParams>(&evidence.inputs.params);
    if (params == nullptr || params->masking == Masking::none) return;
    const bool merges = params->masking == Masking::merge;
    const bool has_c = merges || evidence.inputs.op != OpKind::vpmaddwd;
    HostTensor all = all_lanes(evidence), other = evidence.first_expected(), inverted = other;
    const std::int64_t lanes = params->width / 32;
    for (std::int64_t i = 0; i < all.elements(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const Accumulator c = has_c ? evidence.inputs.inputs[2].accumulators()[at] : Accumulator{0};
        const bool kept = (mask_of(evidence, i / lanes) >> (i % lanes) & 1) == 0;
        if (kept) other.accumulators()[at] = merges ? Accumulator{0} : c;
        inverted.accumulators()[at] = kept ? all.accumulators()[at] : merges ? c : Accumulator{0};
    }
    trial.offer("the mask is ignored", all);
    trial.offer(merges ? "zero masking instead of merging" : "merging instead of zero masking", other);
    trial.offer("the mask is inverted", inverted);
}

}  // namespace dfp16::triage
