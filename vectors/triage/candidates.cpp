#include "vectors/triage/candidates.h"

#include "reference/compare.h"
#include "sim/types/error.h"

namespace dfp16 {

void Candidates::add(const char* class_name, const std::string& words, std::vector<HostTensor> outputs) {
    if (outputs.size() != expected_.size()) return;
    bool differs = false;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto difference = compare(expected_[i], outputs[i]);
        if (difference && difference->layout_differs) return;
        differs = differs || difference;
    }
    if (differs) list_.push_back({class_name, words, std::move(outputs)});
}

void Candidates::add_run(const char* class_name, const std::string& words, const Case& changed) {
    add(class_name, words, run_golden(changed));
}

std::vector<HostTensor> Candidates::run_golden(const Case& changed) const {
    try {
        return run(changed, golden_);
    } catch (const InputError&) {
        return {};
    }
}

Accumulation* accumulation_in(OpParams& params) {
    if (auto* gemm = std::get_if<GemmParams>(&params)) return &gemm->accumulation;
    if (auto* conv = std::get_if<ConvParams>(&params)) return &conv->accumulation;
    if (auto* fc = std::get_if<FcParams>(&params)) return &fc->accumulation;
    return nullptr;
}

RoundingParams* rounding_in(OpParams& params) {
    if (auto* rounding = std::get_if<RoundingParams>(&params)) return rounding;
    if (auto* add = std::get_if<AddParams>(&params)) return &add->rounding;
    if (auto* pool = std::get_if<PoolParams>(&params)) return &pool->rounding;
    if (auto* concat = std::get_if<ConcatParams>(&params)) return &concat->rounding;
    return nullptr;
}

}  // namespace dfp16
