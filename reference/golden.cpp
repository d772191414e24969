#include "reference/golden.h"

#include <vector>

#include "reference/interface/host_plan.h"
#include "reference/ops/average_pool.h"
#include "reference/ops/batch_norm.h"
#include "reference/ops/bias.h"
#include "reference/ops/concat.h"
#include "reference/ops/context.h"
#include "reference/ops/convolution.h"
#include "reference/ops/dfp.h"
#include "reference/ops/dropout.h"
#include "reference/ops/fma_convolution.h"
#include "reference/ops/fma_gemm.h"
#include "reference/ops/gemm.h"
#include "reference/ops/instruction.h"
#include "reference/ops/lrn.h"
#include "reference/ops/max_pool.h"
#include "reference/ops/relu.h"
#include "reference/ops/require_dfp.h"
#include "reference/ops/sgd_update.h"
#include "reference/ops/softmax.h"

namespace dfp16 {

namespace {

/// How a sum of products accumulates; null for other operations.
const Accumulation* accumulation_of(const OpParams& params) {
    if (const auto* gemm = std::get_if<GemmParams>(&params)) return &gemm->accumulation;
    if (const auto* conv = std::get_if<ConvParams>(&params)) return &conv->accumulation;
    if (const auto* fc = std::get_if<FcParams>(&params)) return &fc->accumulation;
    return nullptr;
}

class GoldenPlan : public HostPlan {
public:
    GoldenPlan(const Graph& graph, ThreadPool& pool, OverflowLog* log) : HostPlan(graph), pool_(pool), log_(log) {
        require_dfp(graph);
    }

    void run(std::size_t segment, const RunContext& run) override {
        const Operation& op = operation(segment);
        GoldenContext context{pool_, run, {}};
        try {
            const Accumulation* accumulation = accumulation_of(op.params);
            if (accumulation == nullptr) return run_layer(op, context);
            if (accumulation->policy == Policy::fma) return run_fma_products(op, context);
            run_products(op, context);
            if (log_ != nullptr) (*log_)[op.layer + "/" + name_of(op.pass)].merge(context.overflow);
        } catch (const InputError& error) {
            throw InputError(place(op) + ": " + error.what());
        }
    }

private:
    void run_products(const Operation& op, GoldenContext& context) {
        const HostTensor& a = input(op, 0);
        const HostTensor& b = input(op, 1);
        HostTensor& out = output(op, 0);
        switch (op.kind) {
            case OpKind::gemm: return gemm(std::get<GemmParams>(op.params), a, b, out, context);
            case OpKind::conv_forward: return conv_forward(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::conv_backward_data:
                return conv_backward_data(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::conv_weight_gradient:
                return conv_weight_gradient(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::fc_forward: return fc_forward(std::get<FcParams>(op.params), a, b, out, context);
            case OpKind::fc_backward_data: return fc_backward_data(std::get<FcParams>(op.params), a, b, out, context);
            default: return fc_weight_gradient(std::get<FcParams>(op.params), a, b, out, context);
        }
    }

    void run_fma_products(const Operation& op, GoldenContext& context) {
        const HostTensor& a = input(op, 0);
        const HostTensor& b = input(op, 1);
        HostTensor& out = output(op, 0);
        switch (op.kind) {
            case OpKind::gemm: return fma_gemm(std::get<GemmParams>(op.params), a, b, out, context);
            case OpKind::conv_forward: return fma_conv_forward(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::conv_backward_data:
                return fma_conv_backward_data(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::conv_weight_gradient:
                return fma_conv_weight_gradient(std::get<ConvParams>(op.params), a, b, out, context);
            case OpKind::fc_forward: return fma_fc_forward(std::get<FcParams>(op.params), a, b, out, context);
            case OpKind::fc_backward_data:
                return fma_fc_backward_data(std::get<FcParams>(op.params), a, b, out, context);
            default: return fma_fc_weight_gradient(std::get<FcParams>(op.params), a, b, out, context);
        }
    }

    void run_layer(const Operation& op, GoldenContext& context) {
        HostTensor& out = output(op, 0);
        const auto in = [&](std::size_t i) -> HostTensor& { return input(op, i); };
        switch (op.kind) {
            case OpKind::quantize: return quantize(std::get<RoundingParams>(op.params), in(0), out, context);
            case OpKind::dequantize: return dequantize(in(0), out, context);
            case OpKind::multiply: return multiply(std::get<RoundingParams>(op.params), in(0), in(1), out, context);
            case OpKind::add: return add(std::get<AddParams>(op.params), in(0), in(1), out, context);
            case OpKind::down_convert: return down_convert(std::get<RoundingParams>(op.params), in(0), out, context);
            case OpKind::bias_forward: return bias_forward(in(0), in(1), out, context);
            case OpKind::bias_gradient: return bias_gradient(in(0), out, context);
            case OpKind::relu_forward: return relu_forward(in(0), out, context);
            case OpKind::relu_backward: return relu_backward(in(0), in(1), out, context);
            case OpKind::max_pool_forward:
                return max_pool_forward(std::get<PoolParams>(op.params), in(0), out, context);
            case OpKind::max_pool_backward:
                return max_pool_backward(std::get<PoolParams>(op.params), in(0), in(1), out, context);
            case OpKind::average_pool_forward:
                return average_pool_forward(std::get<PoolParams>(op.params), in(0), out, context);
            case OpKind::average_pool_backward:
                return average_pool_backward(std::get<PoolParams>(op.params), in(0), out, context);
            case OpKind::lrn_forward: return lrn_forward(std::get<LrnParams>(op.params), in(0), out, context);
            case OpKind::lrn_backward: return lrn_backward(std::get<LrnParams>(op.params), in(0), in(1), out, context);
            case OpKind::dropout_forward:
                return dropout_forward(std::get<DropoutParams>(op.params), in(0), out, context);
            case OpKind::dropout_backward:
                return dropout_backward(std::get<DropoutParams>(op.params), in(0), out, context);
            case OpKind::concat_forward: return run_concat_forward(op, context);
            case OpKind::concat_backward: return run_concat_backward(op, context);
            case OpKind::batch_norm_forward:
                return batch_norm_forward(std::get<BatchNormParams>(op.params), in(0), in(1), in(2), out, output(op, 1),
                                          output(op, 2), output(op, 3), output(op, 4), context);
            case OpKind::batch_norm_inference:
                return batch_norm_inference(std::get<BatchNormParams>(op.params), in(0), in(1), in(2), in(3), in(4),
                                            out, context);
            case OpKind::batch_norm_backward:
                return batch_norm_backward(in(0), in(1), in(2), in(3), in(4), out, output(op, 1), output(op, 2),
                                           context);
            case OpKind::softmax_forward: return softmax_forward(in(0), in(1), out, output(op, 1));
            case OpKind::softmax_backward: return softmax_backward(std::get<LossParams>(op.params), in(0), in(1), out);
            case OpKind::sgd_update:
                return sgd_update(std::get<SgdParams>(op.params), context.run.learning_rate, out, output(op, 1), in(2),
                                  context);
            default: return run_instruction(op, out);
        }
    }

    void run_concat_forward(const Operation& op, GoldenContext& context) {
        std::vector<const HostTensor*> parts;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) parts.push_back(&input(op, i));
        concat_forward(std::get<ConcatParams>(op.params), parts, output(op, 0), context);
    }

    void run_concat_backward(const Operation& op, GoldenContext& context) {
        std::vector<HostTensor*> parts;
        for (std::size_t i = 0; i < op.outputs.size(); ++i) parts.push_back(&output(op, i));
        concat_backward(input(op, 0), parts, context);
    }

    void run_instruction(const Operation& op, HostTensor& d) {
        InstructionOperands operands{input(op, 0).mantissas(), input(op, 1).mantissas(), {}, {}};
        const auto& params = std::get<InstructionParams>(op.params);
        const std::size_t masks = params.masking == Masking::none ? 0 : 1;  // k is the last input
        if (masks == 1) operands.k = input(op, op.inputs.size() - 1).accumulators();
        if (op.inputs.size() == 3 + masks) operands.c = input(op, 2).accumulators();
        dfp16::run_instruction(op.kind, params, operands, d.accumulators());
    }

    ThreadPool& pool_;
    OverflowLog* log_;
};

class GoldenBackend : public Backend {
public:
    GoldenBackend(int threads, OverflowLog* log) : pool_(threads), log_(log) {}
    std::string name() const override { return "golden"; }
    std::string isa() const override { return "scalar"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<GoldenPlan>(graph, pool_, log_);
    }

private:
    ThreadPool pool_;
    OverflowLog* log_;
};

}  // namespace

std::unique_ptr<Backend> make_golden_backend(int threads, OverflowLog* log) {
    return std::make_unique<GoldenBackend>(threads, log);
}

}  // namespace dfp16
