#include "vectors/triage/hypotheses.h"
#include "vectors/triage/products.h"

namespace dfp16 {

namespace {

/// The instruction that does the same with the other kind of sum.
OpKind other_instruction(OpKind op) {
    switch (op) {
        case OpKind::vpdpwssd: return OpKind::vpdpwssds;
        case OpKind::vpdpwssds: return OpKind::vpdpwssd;
        case OpKind::vp4dpwssd: return OpKind::vp4dpwssds;
        case OpKind::vp4dpwssds: return OpKind::vp4dpwssd;
        default: return op;
    }
}

}  // namespace

void saturation(Candidates& candidates) {
    constexpr const char* kSaturates = "saturates where it wraps";
    constexpr const char* kWraps = "wraps where it saturates";
    Case changed = candidates.failed();
    const bool saturating = changed.op == OpKind::vpdpwssds || changed.op == OpKind::vp4dpwssds;
    changed.op = other_instruction(changed.op);
    if (changed.op != candidates.failed().op) {
        return candidates.add_run(saturating ? kWraps : kSaturates, "as the other instruction gives", changed);
    }
    Accumulation* accumulation = accumulation_in(changed.params);
    if (accumulation == nullptr) return;
    if (accumulation->policy == Policy::wrap) {
        accumulation->policy = Policy::saturate;
        candidates.add_run(kSaturates, "as policy saturate gives", changed);
    } else if (accumulation->policy == Policy::saturate) {
        candidates.add(kWraps, "the exact sum is clamped once, at the end",
                       results_of(candidates.failed(), candidates.expected()[0],
                                  sums_of(changed, integers_of(changed.inputs[0]), integers_of(changed.inputs[1]),
                                          static_cast<std::size_t>(candidates.expected()[0].elements()))));
        accumulation->policy = Policy::wrap;
        candidates.add_run(kWraps, "as policy wrap gives", changed);
    }
}

}  // namespace dfp16
