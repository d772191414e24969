#include "reference/fp32/fp32_backend.h"

#include <string>
#include <utility>

#include "reference/fp32/call.h"
#include "reference/fp32/operations.h"
#include "reference/interface/host_plan.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

using Function = void (*)(const fp32::Call&);

/// Null for what the twin does not have.
Function function_of(OpKind kind) {
    switch (kind) {
        case OpKind::add: return fp32::add;
        case OpKind::conv_forward: return fp32::conv_forward;
        case OpKind::conv_backward_data: return fp32::conv_backward_data;
        case OpKind::conv_weight_gradient: return fp32::conv_weight_gradient;
        case OpKind::fc_forward: return fp32::fc_forward;
        case OpKind::fc_backward_data: return fp32::fc_backward_data;
        case OpKind::fc_weight_gradient: return fp32::fc_weight_gradient;
        case OpKind::bias_forward: return fp32::bias_forward;
        case OpKind::bias_gradient: return fp32::bias_gradient;
        case OpKind::relu_forward: return fp32::relu_forward;
        case OpKind::relu_backward: return fp32::relu_backward;
        case OpKind::max_pool_forward: return fp32::max_pool_forward;
        case OpKind::max_pool_backward: return fp32::max_pool_backward;
        case OpKind::average_pool_forward: return fp32::average_pool_forward;
        case OpKind::average_pool_backward: return fp32::average_pool_backward;
        case OpKind::lrn_forward: return fp32::lrn_forward;
        case OpKind::lrn_backward: return fp32::lrn_backward;
        case OpKind::dropout_forward: return fp32::dropout_forward;
        case OpKind::dropout_backward: return fp32::dropout_backward;
        case OpKind::concat_forward: return fp32::concat_forward;
        case OpKind::concat_backward: return fp32::concat_backward;
        case OpKind::batch_norm_forward: return fp32::batch_norm_forward;
        case OpKind::batch_norm_inference: return fp32::batch_norm_inference;
        case OpKind::batch_norm_backward: return fp32::batch_norm_backward;
        case OpKind::softmax_forward: return fp32::softmax_forward;
        case OpKind::softmax_backward: return fp32::softmax_backward;
        case OpKind::sgd_update: return fp32::sgd_update;
        default: return nullptr;
    }
}

void check_fp32(const Graph& graph) {
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        const ElementType type = graph.tensors[id].type;
        if (type == ElementType::fp32 || type == ElementType::label) continue;
        throw InputError("tensor " + graph.tensor_name(id) + " is " + name_of(type) +
                         ": fp32 backend runs FP32 graphs only");
    }
    for (const Operation& operation : graph.operations) {
        if (function_of(operation.kind) != nullptr) continue;
        throw InputError(operation.layer + ": " + name_of(operation.kind) + ": fp32 backend runs FP32 graphs only");
    }
}

class Fp32Plan : public HostPlan {
public:
    Fp32Plan(const Graph& graph, ThreadPool& pool, fp32::Gemm gemm)
        : HostPlan(graph), pool_(pool), gemm_(gemm), scratch_(pool.threads()) {}

    void run(std::size_t segment, const RunContext& context) override {
        const Operation& op = operation(segment);
        function_of(op.kind)({graph(), op, tensors(), pool_, scratch_, gemm_, context});
    }

private:
    ThreadPool& pool_;
    fp32::Gemm gemm_;
    fp32::Scratch scratch_;
};

class Fp32Backend : public Backend {
public:
    explicit Fp32Backend(int threads) : pool_(threads), gemm_(fp32::best_gemm()) {}

    std::string name() const override { return "fp32"; }
    std::string isa() const override { return "eigen"; }

    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        check_fp32(graph);
        return std::make_unique<Fp32Plan>(graph, pool_, gemm_);
    }

private:
    ThreadPool pool_;
    fp32::Gemm gemm_;
};

}  // namespace

std::unique_ptr<Backend> make_fp32_backend(int threads) {
    return std::make_unique<Fp32Backend>(threads);
}

}  // namespace dfp16
