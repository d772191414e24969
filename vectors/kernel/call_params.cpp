#include "vectors/kernel/call_params.h"

#include "vectors/operands.h"

namespace dfp16::kernel {

namespace {

// The header's constants are the enumerators' numbers.
static_assert(static_cast<int>(Policy::exact) == DFP16_EXACT && static_cast<int>(Policy::chain) == DFP16_CHAIN &&
              static_cast<int>(Policy::wrap) == DFP16_WRAP && static_cast<int>(Policy::saturate) == DFP16_SATURATE &&
              static_cast<int>(Policy::fma) == DFP16_FMA);
static_assert(static_cast<int>(Rounding::nearest_even) == DFP16_NEAREST_EVEN &&
              static_cast<int>(Rounding::toward_zero) == DFP16_TOWARD_ZERO &&
              static_cast<int>(Rounding::stochastic) == DFP16_STOCHASTIC);
static_assert(static_cast<int>(Masking::none) == DFP16_MASKING_NONE &&
              static_cast<int>(Masking::merge) == DFP16_MASKING_MERGE &&
              static_cast<int>(Masking::zero) == DFP16_MASKING_ZERO);
static_assert(static_cast<int>(SizeRounding::floor) == DFP16_SIZE_FLOOR &&
              static_cast<int>(SizeRounding::ceil) == DFP16_SIZE_CEIL);
static_assert(static_cast<int>(ElementType::mantissa) == DFP16_INT16 &&
              static_cast<int>(ElementType::accumulator) == DFP16_INT32 &&
              static_cast<int>(ElementType::fp32) == DFP16_FP32 && static_cast<int>(ElementType::label) == DFP16_LABEL);

struct Filler {
    dfp16_params& p;

    void operator()(const NoParams&) const {}
    void operator()(const InstructionParams& from) const {
        p.width = from.width;
        p.masking = static_cast<std::int32_t>(from.masking);
    }
    void operator()(const RoundingParams& from) const {
        p.headroom = from.headroom;
        p.rounding = static_cast<std::int32_t>(from.rounding);
        p.tensor = from.tensor;
    }
    void operator()(const AddParams& from) const {
        (*this)(from.rounding);
        p.relu = from.relu ? 1 : 0;
    }
    void operator()(const Accumulation& from) const {
        p.policy = static_cast<std::int32_t>(from.policy);
        p.chain = from.policy == Policy::chain ? from.chain : 0;
    }
    void operator()(const GemmParams& from) const {
        p.M = from.M, p.N = from.N, p.K = from.K;
        (*this)(from.accumulation);
    }
    template <typename Window>
    void window(const Window& from) const {
        p.N = from.N, p.C = from.C, p.H = from.H, p.W = from.W;
        p.R = from.R, p.S = from.S, p.P = from.P, p.Q = from.Q;
        p.stride_h = from.stride[0], p.stride_w = from.stride[1];
        p.pad_h = from.pad[0], p.pad_w = from.pad[1];
    }
    void operator()(const ConvParams& from) const {
        window(from);
        p.K = from.K;
        p.groups = from.groups;
        (*this)(from.accumulation);
    }
    void operator()(const FcParams& from) const {
        p.N = from.N, p.C = from.C, p.K = from.K;
        (*this)(from.accumulation);
    }
    void operator()(const PoolParams& from) const {
        window(from);
        (*this)(from.rounding);
        p.pool_size = static_cast<std::int32_t>(from.size);
    }
    void operator()(const BatchNormParams& from) const {
        p.epsilon = from.epsilon;
        p.momentum = from.momentum;
    }
    void operator()(const LrnParams& from) const {
        p.lrn_size = from.size;
        p.lrn_alpha = from.alpha;
        p.lrn_k = from.k;
    }
    void operator()(const DropoutParams& from) const {
        p.dropout_rate = from.rate;
        p.tensor = from.tensor;
    }
    void operator()(const ConcatParams& from) const {
        (*this)(from.rounding);
        p.channels_count = static_cast<std::int64_t>(from.channels.size());
        p.channels = from.channels.data();
    }
    void operator()(const LossParams& from) const { p.loss_weight = from.weight; }
    void operator()(const SgdParams& from) const {
        p.momentum = from.momentum;
        p.weight_decay = from.weight_decay;
    }
};

}  // namespace

dfp16_params params_of(const CaseHeader& header) {
    dfp16_params params{};
    params.struct_size = sizeof params;
    params.op = name_of(header.op);
    params.seed = header.context.seed;
    params.step = header.context.step;
    if (header.op == OpKind::sgd_update) params.learning_rate = header.context.learning_rate;
    if (is_instruction(header.op)) params.count = header.extent[0];
    std::visit(Filler{params}, header.params);
    return params;
}

}  // namespace dfp16::kernel
