// A parameter of a layer at its default, or as if it were not there.
#include <functional>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

template <typename Params>
void offer_with(const Evidence& evidence, Trial& trial, const char* words, const std::function<void(Params&)>& change) {
    Case changed = evidence.inputs;
    auto* params = std::get_if<Params>(&changed.params);
    if (params == nullptr) return;
    change(*params);
    trial.offer_golden(words, changed);
}

void offer_sgd(const Evidence& evidence, Trial& trial) {
    offer_with<SgdParams>(evidence, trial, "no weight decay", [](SgdParams& p) { p.weight_decay = 0.0f; });
    offer_with<SgdParams>(evidence, trial, "no momentum", [](SgdParams& p) { p.momentum = 0.0f; });
    offer_with<SgdParams>(evidence, trial, "momentum 0.9", [](SgdParams& p) { p.momentum = 0.9f; });
}

void offer_batch_norm(const Evidence& evidence, Trial& trial) {
    const auto with = [&](const char* words, const std::function<void(BatchNormParams&)>& change) {
        offer_with<BatchNormParams>(evidence, trial, words, change);
    };
    with("epsilon 0", [](BatchNormParams& p) { p.epsilon = 0.0f; });
    with("epsilon 1e-5", [](BatchNormParams& p) { p.epsilon = 1e-5f; });
    with("epsilon 1e-3", [](BatchNormParams& p) { p.epsilon = 1e-3f; });
    with("momentum 0.1", [](BatchNormParams& p) { p.momentum = 0.1f; });
    with("momentum and 1 - momentum exchanged", [](BatchNormParams& p) { p.momentum = 1.0f - p.momentum; });
}

void offer_others(const Evidence& evidence, Trial& trial) {
    offer_with<LossParams>(evidence, trial, "the loss's weight is ignored", [](LossParams& p) { p.weight = 1.0f; });
    const auto lrn = [&](const char* words, const std::function<void(LrnParams&)>& change) {
        offer_with<LrnParams>(evidence, trial, words, change);
    };
    lrn("alpha is not divided by the channels", [](LrnParams& p) { p.alpha *= static_cast<float>(p.size); });
    lrn("k is 1", [](LrnParams& p) { p.k = 1.0f; });
    lrn("a window of 5 channels", [](LrnParams& p) { p.size = 5; });
    offer_with<DropoutParams>(evidence, trial, "nothing is dropped", [](DropoutParams& p) { p.rate = 0.0f; });
}

}  // namespace

void hypothesis::parameter_ignored(const Evidence& evidence, Trial& trial) {
    offer_sgd(evidence, trial);
    offer_batch_norm(evidence, trial);
    offer_others(evidence, trial);
}

}  // namespace dfp16::triage
