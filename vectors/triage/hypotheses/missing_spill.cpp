#include "sim/accumulate.h"
#include "sim/types/error.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16 {

namespace {

/// INT32 results as FP32, scaled; nothing where one leaves FP32.
std::vector<HostTensor> scaled(const std::vector<HostTensor>& integers, int k) {
    if (integers.empty()) return {};
    HostTensor result(ElementType::fp32, integers[0].shape);
    try {
        for (std::size_t i = 0; i < result.fp32().size(); ++i) {
            result.fp32()[i] = scale_exact(integers[0].accumulators()[i].value, k);
        }
    } catch (const InputError&) {
        return {};
    }
    return {result};
}

}  // namespace

void missing_spill(Candidates& candidates) {
    Case changed = candidates.failed();
    Accumulation* accumulation = accumulation_in(changed.params);
    if (accumulation == nullptr) return;
    if (accumulation->policy != Policy::exact && accumulation->policy != Policy::chain) return;
    const int k = changed.inputs[0].exponent.value + changed.inputs[1].exponent.value;
    accumulation->policy = Policy::wrap;
    candidates.add("missing spill", "one INT32 sum that wraps, scaled at the end",
                   scaled(candidates.run_golden(changed), k));
    accumulation->policy = Policy::saturate;
    candidates.add("missing spill", "one INT32 sum that saturates, scaled at the end",
                   scaled(candidates.run_golden(changed), k));
}

}  // namespace dfp16
