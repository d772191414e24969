// What every backend may take for granted: each operation's tensors have the types and shapes that its kind asks for.
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "reference/interface/graph.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr auto kDfp = ElementType::mantissa;  // fp32 in an FP32 graph
constexpr auto kFp32 = ElementType::fp32;
constexpr auto kInt32 = ElementType::accumulator;
constexpr auto kLabel = ElementType::label;

class Checker {
public:
    Checker(const Graph& graph, const Operation& operation) : graph_(graph), operation_(operation) {}

    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(operation_.layer + ": " + name_of(operation_.kind) + ": " + what);
    }
    void require(bool condition, const std::string& what) const {
        if (!condition) fail(what);
    }
    void counts(std::size_t inputs, std::size_t outputs) const { counts(inputs, inputs, outputs); }
    void counts(std::size_t fewest, std::size_t most, std::size_t outputs) const {
        require(operation_.inputs.size() >= fewest && operation_.inputs.size() <= most &&
                    operation_.outputs.size() == outputs,
                std::to_string(operation_.inputs.size()) + " inputs and " + std::to_string(operation_.outputs.size()) +
                    " outputs, expected " + std::to_string(most) + " and " + std::to_string(outputs));
        for (const TensorId id : operation_.inputs)
            require(id < graph_.tensors.size(), "input that is not in the graph");
        for (const TensorId id : operation_.outputs)
            require(id < graph_.tensors.size(), "output that is not in the graph");
    }
    const TensorInfo& input(std::size_t i) const { return graph_.tensors[operation_.inputs[i]]; }
    const TensorInfo& output(std::size_t i) const { return graph_.tensors[operation_.outputs[i]]; }

    void tensor(const TensorInfo& info, ElementType type, const Shape& shape) const {
        const bool twin = type == kDfp && info.type == kFp32;
        require(info.type == type || twin, "tensor " + info.layer + "." + info.name + " is " +
                                               dfp16::name_of(info.type) + ", expected " + dfp16::name_of(type));
        require(info.shape == shape, "tensor " + info.layer + "." + info.name + " has shape " + info.shape.text() +
                                         ", expected " + shape.text());
    }
    /// An operand of a sum of products.
    void operand(const TensorInfo& info, const Accumulation& accumulation, const Shape& shape) const {
        tensor(info, accumulation.policy == Policy::fma ? kFp32 : kDfp, shape);
    }
    /// The output of a sum of products.
    void sum(const TensorInfo& info, const Accumulation& accumulation, const Shape& shape) const {
        require(accumulation.chain >= 1,
                "chain length " + std::to_string(accumulation.chain) + ", expected at least 1 pair");
        const bool integers = accumulation.policy == Policy::wrap || accumulation.policy == Policy::saturate;
        tensor(info, integers ? kInt32 : kFp32, shape);
    }
    void rounding(const RoundingParams& params) const {
        require(params.headroom >= 0 && params.headroom <= kHeadroomMax,
                "headroom " + std::to_string(params.headroom) + ", expected 0 to " + std::to_string(kHeadroomMax));
    }
    template <typename Params>
    const Params& params() const {
        const auto* params = std::get_if<Params>(&operation_.params);
        if (params == nullptr) fail("parameters of another operation");
        return *params;
    }

private:
    const Graph& graph_;
    const Operation& operation_;
};

/// The shape with dimension 1 kept only: what bias and batch norm have per channel.
Shape channels_of(const Checker& check, const Shape& shape) {
    check.require(shape.rank() >= 2, "shape " + shape.text() + ", expected (N, channels, ...)");
    return {shape[1]};
}

void check_window(const Checker& check, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                  std::int64_t output, SizeRounding rounding = SizeRounding::floor) {
    constexpr std::int64_t kLargest = std::int64_t{1} << 31;
    check.require(size >= 1 && size < kLargest && window >= 1 && window < kLargest,
                  "window or input size out of range");
    check.require(stride >= 1 && stride < kLargest, "stride " + std::to_string(stride) + ", expected at least 1");
    check.require(pad >= 0 && pad < kLargest, "pad " + std::to_string(pad) + ", expected at least 0");
    check.require(rounding == SizeRounding::ceil || size + 2 * pad >= window,
                  "window of " + std::to_string(window) + " does not fit input " + std::to_string(size) + " with pad " +
                      std::to_string(pad));
    const std::int64_t expected = pooled_size(size, window, stride, pad, rounding);
    check.require(output == expected,
                  "output size " + std::to_string(output) + ", expected " + std::to_string(expected));
}

void check_conv(const Checker& check) {
    const auto& c = check.params<ConvParams>();
    check.counts(2, 1);
    check_window(check, c.H, c.R, c.stride[0], c.pad[0], c.P);
    check_window(check, c.W, c.S, c.stride[1], c.pad[1], c.Q);
    check.require(c.groups >= 1 && c.C >= 1 && c.K >= 1 && c.C % c.groups == 0 && c.K % c.groups == 0,
                  std::to_string(c.groups) + " groups do not divide C = " + std::to_string(c.C) +
                      " and K = " + std::to_string(c.K));
}

void check_pool(const Checker& check, const PoolParams& p, bool smaller_pad) {
    check_window(check, p.H, p.R, p.stride[0], p.pad[0], p.P, p.size);
    check_window(check, p.W, p.S, p.stride[1], p.pad[1], p.Q, p.size);
    check.require(p.R * p.S <= 65536, "window of " + std::to_string(p.R * p.S) + " elements, expected at most 65536");
    check.require(!smaller_pad || (p.pad[0] < p.R && p.pad[1] < p.S), "pad as large as the window, expected smaller");
    check.rounding(p.rounding);
}

void check_instruction(const Checker& check, OpKind kind) {
    const auto& p = check.params<InstructionParams>();
    const bool four = kind == OpKind::vp4dpwssd || kind == OpKind::vp4dpwssds;
    const bool madd = kind == OpKind::vpmaddwd;
    check.require(p.width == 512 || (!four && (p.width == 128 || p.width == 256)),
                  "width " + std::to_string(p.width) + ", expected " + (four ? "512" : "128, 256 or 512"));
    const bool masked = p.masking != Masking::none;
    const std::size_t sources = madd && !(p.masking == Masking::merge) ? 2 : 3;
    check.counts(sources + (masked ? 1 : 0), 1);
    check.require(check.input(0).shape.rank() == 2,
                  "a of rank " + std::to_string(check.input(0).shape.rank()) + ", expected 2");
    const std::int64_t count = check.input(0).shape[0];
    const std::int64_t lanes = p.width / 32;
    check.tensor(check.input(0), kDfp, {count, lanes * 2 * (four ? 4 : 1)});
    check.tensor(check.input(1), kDfp, {count, four ? 8 : lanes * 2});
    if (sources == 3) check.tensor(check.input(2), kInt32, {count, lanes});
    if (masked) check.tensor(check.input(sources), kInt32, {count});
    check.tensor(check.output(0), kInt32, {count, lanes});
}

void check_batch_norm(const Checker& check, OpKind kind) {
    check.params<BatchNormParams>();
    const bool backward = kind == OpKind::batch_norm_backward;
    const bool training = kind == OpKind::batch_norm_forward;
    check.counts(5, backward ? 3 : training ? 5 : 1);
    const Shape shape = check.input(0).shape;
    const Shape channels = channels_of(check, shape);
    check.tensor(check.input(0), kDfp, shape);
    check.tensor(check.input(1), backward ? kDfp : kFp32, backward ? shape : channels);
    for (std::size_t i = 2; i < 5; ++i) check.tensor(check.input(i), kFp32, channels);
    check.tensor(check.output(0), kFp32, shape);
    const std::size_t per_channel = backward ? 3 : training ? 5 : 1;
    for (std::size_t i = 1; i < per_channel; ++i) check.tensor(check.output(i), kFp32, channels);
}

void check_lrn(const Checker& check, OpKind kind) {
    const auto& p = check.params<LrnParams>();
    const bool forward = kind == OpKind::lrn_forward;
    check.counts(forward ? 1 : 2, 1);
    const Shape shape = check.input(0).shape;
    channels_of(check, shape);
    check.require(p.size >= 1 && p.size % 2 == 1 && p.size <= 65535,
                  "size " + std::to_string(p.size) + ", expected an odd number of channels, at most 65535");
    check.require(p.k > 0.0f && p.k < std::numeric_limits<float>::infinity(), "k, expected a positive number");
    check.require(p.alpha >= 0.0f && p.alpha < std::numeric_limits<float>::infinity(),
                  "alpha, expected a non-negative number");
    for (std::size_t i = 0; i < (forward ? 1 : 2); ++i) check.tensor(check.input(i), kDfp, shape);
    check.tensor(check.output(0), kFp32, shape);
}

void check_dropout(const Checker& check) {
    const auto& p = check.params<DropoutParams>();
    check.counts(1, 1);
    check.require(p.rate >= 0.0f && p.rate < 1.0f, "rate, expected 0 or more and less than 1");
    check.tensor(check.input(0), kDfp, check.input(0).shape);
    check.tensor(check.output(0), kFp32, check.input(0).shape);
}

void check_concat(const Checker& check, OpKind kind) {
    const bool forward = kind == OpKind::concat_forward;
    const auto& p = check.params<ConcatParams>();
    const std::size_t parts = p.channels.size();
    check.require(parts >= 1, "no parts, expected one or more");
    check.counts(forward ? parts : 1, forward ? 1 : parts);
    check.rounding(p.rounding);
    const TensorInfo& whole = forward ? check.output(0) : check.input(0);
    check.require(whole.shape.rank() == 4, "tensor of shape " + whole.shape.text() + ", expected (N,C,H,W)");
    std::int64_t channels = 0;
    for (std::size_t i = 0; i < parts; ++i) {
        const TensorInfo& part = forward ? check.input(i) : check.output(i);
        check.tensor(part, kDfp, {whole.shape[0], p.channels[i], whole.shape[2], whole.shape[3]});
        channels += p.channels[i];
    }
    check.tensor(whole, kDfp, {whole.shape[0], channels, whole.shape[2], whole.shape[3]});
}

void check_fc(const Checker& check, OpKind kind) {
    const auto& p = check.params<FcParams>();
    check.counts(2, 1);
    const Shape y = {p.N, p.K};
    const Shape w = {p.K, p.C};
    const TensorInfo& x = kind == OpKind::fc_backward_data ? check.output(0) : check.input(0);
    check.require(x.shape[0] == p.N && x.shape.elements() == p.N * p.C,
                  "tensor " + x.layer + "." + x.name + " has shape " + x.shape.text() + ", expected " +
                      std::to_string(p.N) + " rows of " + std::to_string(p.C));
    switch (kind) {
        case OpKind::fc_forward:
            check.operand(check.input(0), p.accumulation, x.shape);
            check.operand(check.input(1), p.accumulation, w);
            return check.sum(check.output(0), p.accumulation, y);
        case OpKind::fc_backward_data:
            check.operand(check.input(0), p.accumulation, y);
            check.operand(check.input(1), p.accumulation, w);
            return check.sum(check.output(0), p.accumulation, x.shape);
        default:
            check.operand(check.input(0), p.accumulation, x.shape);
            check.operand(check.input(1), p.accumulation, y);
            return check.sum(check.output(0), p.accumulation, w);
    }
}

void check_operation(const Checker& check, OpKind kind) {
    switch (kind) {
        case OpKind::vpmaddwd:
        case OpKind::vpdpwssd:
        case OpKind::vpdpwssds:
        case OpKind::vp4dpwssd:
        case OpKind::vp4dpwssds: return check_instruction(check, kind);
        case OpKind::quantize:
            check.rounding(check.params<RoundingParams>());
            check.counts(1, 1);
            check.tensor(check.input(0), kFp32, check.input(0).shape);
            return check.tensor(check.output(0), kDfp, check.input(0).shape);
        case OpKind::dequantize:
            check.counts(1, 1);
            check.tensor(check.input(0), kDfp, check.input(0).shape);
            return check.tensor(check.output(0), kFp32, check.input(0).shape);
        case OpKind::down_convert:
            check.rounding(check.params<RoundingParams>());
            check.counts(1, 1);
            check.tensor(check.input(0), kInt32, check.input(0).shape);
            return check.tensor(check.output(0), kDfp, check.input(0).shape);
        case OpKind::multiply:
        case OpKind::add: {
            check.rounding(kind == OpKind::add ? check.params<AddParams>().rounding : check.params<RoundingParams>());
            check.counts(2, 1);
            const Shape shape = check.input(0).shape;
            check.tensor(check.input(0), kDfp, shape);
            check.tensor(check.input(1), kDfp, shape);
            return check.tensor(check.output(0), kDfp, shape);
        }
        case OpKind::gemm: {
            const auto& p = check.params<GemmParams>();
            check.counts(2, 1);
            check.operand(check.input(0), p.accumulation, {p.M, p.K});
            check.operand(check.input(1), p.accumulation, {p.K, p.N});
            return check.sum(check.output(0), p.accumulation, {p.M, p.N});
        }
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: {
            check_conv(check);
            const auto& p = check.params<ConvParams>();
            const Shape x = {p.N, p.C, p.H, p.W};
            const Shape w = {p.K, p.C / p.groups, p.R, p.S};
            const Shape y = {p.N, p.K, p.P, p.Q};
            const bool forward = kind == OpKind::conv_forward;
            const bool backward = kind == OpKind::conv_backward_data;
            check.operand(check.input(0), p.accumulation, backward ? y : x);
            check.operand(check.input(1), p.accumulation, forward || backward ? w : y);
            return check.sum(check.output(0), p.accumulation, forward ? y : backward ? x : w);
        }
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return check_fc(check, kind);
        case OpKind::bias_forward:
            check.counts(2, 1);
            check.tensor(check.input(0), kFp32, check.input(0).shape);
            check.tensor(check.input(1), kFp32, channels_of(check, check.input(0).shape));
            return check.tensor(check.output(0), kFp32, check.input(0).shape);
        case OpKind::bias_gradient:
            check.counts(1, 1);
            check.tensor(check.input(0), kDfp, check.input(0).shape);
            return check.tensor(check.output(0), kFp32, channels_of(check, check.input(0).shape));
        case OpKind::relu_forward:
        case OpKind::relu_backward: {
            const std::size_t inputs = kind == OpKind::relu_forward ? 1 : 2;
            check.counts(inputs, 1);
            const Shape shape = check.input(0).shape;
            for (std::size_t i = 0; i < inputs; ++i) check.tensor(check.input(i), kDfp, shape);
            check.tensor(check.output(0), kDfp, shape);
            return check.require(check.input(0).type == check.output(0).type, "input and output of different types");
        }
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: {
            const auto& p = check.params<PoolParams>();
            const bool forward = kind == OpKind::max_pool_forward || kind == OpKind::average_pool_forward;
            const bool max = kind == OpKind::max_pool_forward || kind == OpKind::max_pool_backward;
            check_pool(check, p, max);
            const Shape x = {p.N, p.C, p.H, p.W};
            const Shape y = {p.N, p.C, p.P, p.Q};
            const bool both = max && !forward;
            check.counts(both ? 2 : 1, 1);
            check.tensor(check.input(0), kDfp, forward || both ? x : y);
            if (both) check.tensor(check.input(1), kDfp, y);
            return check.tensor(check.output(0), max ? kDfp : kFp32, forward ? y : x);
        }
        case OpKind::lrn_forward:
        case OpKind::lrn_backward: return check_lrn(check, kind);
        case OpKind::dropout_forward:
        case OpKind::dropout_backward: return check_dropout(check);
        case OpKind::concat_forward:
        case OpKind::concat_backward: return check_concat(check, kind);
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward: return check_batch_norm(check, kind);
        case OpKind::softmax_forward:
        case OpKind::softmax_backward: {
            const bool forward = kind == OpKind::softmax_forward;
            if (!forward) check.params<LossParams>();
            check.counts(2, forward ? 2 : 1);
            const Shape shape = check.input(0).shape;
            check.require(shape.rank() == 2, "input of rank " + std::to_string(shape.rank()) + ", expected 2");
            check.tensor(check.input(0), kFp32, shape);
            check.tensor(check.input(1), kLabel, {shape[0]});
            check.tensor(check.output(0), kFp32, shape);
            if (forward) check.tensor(check.output(1), kFp32, {1});
            return;
        }
        case OpKind::sgd_update: {
            check.params<SgdParams>();
            check.counts(3, 2);
            const Shape shape = check.input(0).shape;
            for (std::size_t i = 0; i < 3; ++i) check.tensor(check.input(i), kFp32, shape);
            for (std::size_t i = 0; i < 2; ++i) check.tensor(check.output(i), kFp32, shape);
            return;
        }
    }
}

}  // namespace

void validate(const Graph& graph) {
    for (const Operation& operation : graph.operations) check_operation(Checker(graph, operation), operation.kind);
}

}  // namespace dfp16
