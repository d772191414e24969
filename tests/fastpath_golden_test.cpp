// Random graphs of every kind of operation on golden and on the fast path: every output, bit by bit.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "fastpath/instructions/instructions.h"
#include "reference/golden.h"
#include "tests/fastpath_case.h"
#include "tests/random_picks.h"

namespace dfp16::test {
namespace {

constexpr OpKind kAllKinds[] = {OpKind::vpmaddwd,
                                OpKind::vpdpwssd,
                                OpKind::vpdpwssds,
                                OpKind::vp4dpwssd,
                                OpKind::vp4dpwssds,
                                OpKind::quantize,
                                OpKind::dequantize,
                                OpKind::multiply,
                                OpKind::add,
                                OpKind::down_convert,
                                OpKind::gemm,
                                OpKind::conv_forward,
                                OpKind::conv_backward_data,
                                OpKind::conv_weight_gradient,
                                OpKind::fc_forward,
                                OpKind::fc_backward_data,
                                OpKind::fc_weight_gradient,
                                OpKind::bias_forward,
                                OpKind::bias_gradient,
                                OpKind::relu_forward,
                                OpKind::relu_backward,
                                OpKind::max_pool_forward,
                                OpKind::max_pool_backward,
                                OpKind::average_pool_forward,
                                OpKind::average_pool_backward,
                                OpKind::lrn_forward,
                                OpKind::lrn_backward,
                                OpKind::dropout_forward,
                                OpKind::dropout_backward,
                                OpKind::concat_forward,
                                OpKind::concat_backward,
                                OpKind::batch_norm_forward,
                                OpKind::batch_norm_inference,
                                OpKind::batch_norm_backward,
                                OpKind::softmax_forward,
                                OpKind::softmax_backward,
                                OpKind::sgd_update};

/// Makes one random operation with random inputs.
class RandomOperation : RandomPicks {
public:
    explicit RandomOperation(std::uint64_t seed) : RandomPicks(seed) {
        test.context.seed = word();
        test.context.step = static_cast<std::uint32_t>(word());
    }

    FastCase test;

    void make(OpKind kind) {
        switch (kind) {
            case OpKind::vpmaddwd:
            case OpKind::vpdpwssd:
            case OpKind::vpdpwssds:
            case OpKind::vp4dpwssd:
            case OpKind::vp4dpwssds: return instruction(kind);
            case OpKind::gemm:
            case OpKind::conv_forward:
            case OpKind::conv_backward_data:
            case OpKind::conv_weight_gradient:
            case OpKind::fc_forward:
            case OpKind::fc_backward_data:
            case OpKind::fc_weight_gradient: return product(kind);
            case OpKind::max_pool_forward:
            case OpKind::max_pool_backward:
            case OpKind::average_pool_forward:
            case OpKind::average_pool_backward: return pool(kind);
            case OpKind::lrn_forward:
            case OpKind::lrn_backward: return lrn(kind);
            case OpKind::concat_forward:
            case OpKind::concat_backward: return concat(kind);
            case OpKind::batch_norm_forward:
            case OpKind::batch_norm_inference:
            case OpKind::batch_norm_backward: return batch_norm(kind);
            default: return elementwise(kind);
        }
    }

private:
    Shape images() {
        return {one_of<std::int64_t>({1, 2, 5}), one_of<std::int64_t>({1, 3, 16, 17, 33}), pick(1, 13), pick(1, 13)};
    }
    Shape any_shape() { return one_of<Shape>({images(), Shape{pick(1, 5), pick(1, 40)}}); }
    RoundingParams rounding() {
        return {one_of({0, 2, 2, 2, 7, 14}),
                one_of({Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}),
                static_cast<std::uint32_t>(pick(0, 0xFFFFFF))};
    }

    TensorId int16(const Shape& shape, bool lowest = false) {
        HostTensor tensor(ElementType::mantissa, shape);
        const std::int64_t limit = one_of({0, 1, 200, 8191, 8191, 32767});
        for (Mantissa& m : tensor.mantissas()) m.value = static_cast<std::int16_t>(pick(-limit, limit));
        if (lowest && pick(0, 1)) tensor.mantissas()[0].value = INT16_MIN;
        tensor.exponent.value = static_cast<int>(pick(0, 4) ? pick(-30, 5) : one_of({-126, -100, 60, 100, 113}));
        return test.input("i", tensor);
    }
    TensorId int32(const Shape& shape) {
        HostTensor tensor(ElementType::accumulator, shape);
        const std::int64_t limit = one_of<std::int64_t>({0, 1, 100, 40000, INT32_MAX});
        for (Accumulator& v : tensor.accumulators()) v.value = static_cast<std::int32_t>(pick(-limit, limit));
        if (pick(0, 3) == 0) tensor.accumulators()[0].value = INT32_MIN;
        tensor.exponent.value = static_cast<int>(pick(0, 4) ? pick(-60, 10) : one_of({-252, -160, 96, 200}));
        return test.input("c", tensor);
    }
    TensorId fp32(const Shape& shape, bool positive = false) {
        HostTensor tensor(ElementType::fp32, shape);
        const auto top = static_cast<int>(pick(0, 4) ? pick(-10, 5) : one_of({-140, -120, 60, 127}));
        for (float& v : tensor.fp32()) {
            v = std::ldexp(static_cast<float>(pick(positive ? 0 : -0xFFFFFF, 0xFFFFFF)),
                           top - 23 - static_cast<int>(pick(0, 5)));
        }
        if (pick(0, 15) == 0) tensor.fp32()[tensor.fp32().size() / 2] = one_of({INFINITY, NAN, -INFINITY, -0.0f});
        return test.input("f", tensor);
    }
    TensorId labels(std::int64_t count, std::int64_t classes) {
        HostTensor tensor(ElementType::label, {count});
        for (Label& label : tensor.labels()) label.value = static_cast<std::int32_t>(pick(0, classes - 1));
        if (pick(0, 15) == 0) tensor.labels()[0].value = one_of({-1, static_cast<int>(classes)});
        return test.input("labels", tensor);
    }
    TensorId result(ElementType type, const Shape& shape) { return test.unchecked("y", type, shape); }
    /// Half the time, so that the operation runs on blocked tensors too.
    void maybe_blocked(TensorId id) {
        if (pick(0, 1) && test.graph().tensors[id].shape.rank() == 4) test.make_blocked(id);
    }

    void instruction(OpKind kind) {
        const bool four = kind == OpKind::vp4dpwssd || kind == OpKind::vp4dpwssds;
        const InstructionParams params{four ? 512 : one_of({128, 256, 512}),
                                       one_of({Masking::none, Masking::merge, Masking::zero})};
        const std::int64_t lanes = params.width / 32;
        const std::int64_t count = pick(1, 20);
        std::vector<TensorId> in = {int16({count, lanes * 2 * (four ? 4 : 1)}, true),
                                    int16({count, four ? 8 : lanes * 2}, true)};
        if (kind != OpKind::vpmaddwd || params.masking == Masking::merge) in.push_back(int32({count, lanes}));
        if (params.masking != Masking::none) in.push_back(int32({count}));
        test.operation(kind, params, in, {result(ElementType::accumulator, {count, lanes})});
    }

    void elementwise(OpKind kind) {
        const Shape shape = any_shape();
        const Shape channels = {shape[1]};
        const auto kFp32 = ElementType::fp32;
        const auto kInt16 = ElementType::mantissa;
        const auto run = [&](const OpParams& params, std::vector<TensorId> in, std::vector<TensorId> out) {
            test.operation(kind, params, std::move(in), std::move(out));
        };
        switch (kind) {
            case OpKind::quantize: run(rounding(), {fp32(shape)}, {result(kInt16, shape)}); break;
            case OpKind::dequantize: run(NoParams{}, {int16(shape)}, {result(kFp32, shape)}); break;
            case OpKind::multiply: run(rounding(), {int16(shape), int16(shape)}, {result(kInt16, shape)}); break;
            case OpKind::add:
                run(AddParams{rounding(), pick(0, 1) == 1}, {int16(shape), int16(shape)}, {result(kInt16, shape)});
                break;
            case OpKind::down_convert: run(rounding(), {int32(shape)}, {result(kInt16, shape)}); break;
            case OpKind::bias_forward: run(NoParams{}, {fp32(shape), fp32(channels)}, {result(kFp32, shape)}); break;
            case OpKind::bias_gradient:
                run(NoParams{}, {pick(0, 1) ? int16(shape) : fp32(shape)}, {result(kFp32, channels)});
                break;
            case OpKind::relu_forward:
                pick(0, 1) ? run(NoParams{}, {fp32(shape)}, {result(kFp32, shape)})
                           : run(NoParams{}, {int16(shape)}, {result(kInt16, shape)});
                break;
            case OpKind::relu_backward: {  // a layer before the loss keeps y in FP32
                const bool fp32_dy = pick(0, 1) == 1;
                const bool fp32_y = pick(0, 1) == 1;
                run(NoParams{}, {fp32_dy ? fp32(shape) : int16(shape), fp32_y ? fp32(shape) : int16(shape)},
                    {result(fp32_dy ? kFp32 : kInt16, shape)});
                break;
            }
            case OpKind::softmax_forward: {
                const Shape rows = {pick(1, 9), pick(1, 40)};
                run(NoParams{}, {fp32(rows), labels(rows[0], rows[1])}, {result(kFp32, rows), result(kFp32, {1})});
                break;
            }
            case OpKind::softmax_backward: {
                const Shape rows = {pick(1, 9), pick(1, 40)};
                run(LossParams{one_of({1.0f, 0.3f})}, {fp32(rows, true), labels(rows[0], rows[1])},
                    {result(kFp32, rows)});
                break;
            }
            case OpKind::dropout_forward:
            case OpKind::dropout_backward: {
                const DropoutParams params{one_of({0.0f, 0.4f, 0.5f, 0.9f}), static_cast<std::uint32_t>(pick(0, 99))};
                run(params, {int16(shape, true)}, {result(kFp32, shape)});
                break;
            }
            default: {
                const TensorId w = fp32(shape);
                const TensorId v = fp32(shape);
                test.context.learning_rate = 0.1f;
                run(SgdParams{0.9f, 0.001f}, {w, v, fp32(shape)}, {w, v});
                break;
            }
        }
        if (kind != OpKind::sgd_update) maybe_blocked(test.graph().operations[0].outputs[0]);
    }

    void batch_norm(OpKind kind) {
        const Shape shape = any_shape();
        const Shape channels = {shape[1]};
        const auto kFp32 = ElementType::fp32;
        const BatchNormParams params{one_of({1e-5f, 1e-3f}), one_of({0.1f, 0.9f})};
        if (kind == OpKind::batch_norm_backward) {
            test.operation(kind, params,
                           {int16(shape), int16(shape), fp32(channels), fp32(channels), fp32(channels, true)},
                           {result(kFp32, shape), result(kFp32, channels), result(kFp32, channels)});
            return;
        }
        const TensorId x = int16(shape);
        const TensorId gamma = fp32(channels);
        const TensorId beta = fp32(channels);
        const TensorId mean = fp32(channels);
        const TensorId var = fp32(channels, true);
        std::vector<TensorId> out = {result(kFp32, shape)};
        if (kind == OpKind::batch_norm_forward) {
            out.insert(out.end(), {result(kFp32, channels), result(kFp32, channels), mean, var});
        }
        test.operation(kind, params, {x, gamma, beta, mean, var}, out);
    }

    void pool(OpKind kind) {
        const Shape x = images();
        PoolParams p{x[0],   x[1],       x[2],
                     x[3],   0,          0,
                     0,      0,          {pick(1, 4), pick(1, 4)},
                     {0, 0}, rounding(), one_of({SizeRounding::floor, SizeRounding::ceil})};
        p.R = pick(1, std::min<std::int64_t>(5, p.H));
        p.S = pick(1, std::min<std::int64_t>(5, p.W));
        p.pad = {pick(0, p.R - 1), pick(0, p.S - 1)};
        if (p.size == SizeRounding::ceil) p.R += pick(0, 3);
        p.P = pooled_size(p.H, p.R, p.stride[0], p.pad[0], p.size);
        p.Q = pooled_size(p.W, p.S, p.stride[1], p.pad[1], p.size);
        const Shape y = {p.N, p.C, p.P, p.Q};
        switch (kind) {
            case OpKind::max_pool_forward:
                return test.operation(kind, p, {int16(x, true)}, {result(ElementType::mantissa, y)});
            case OpKind::max_pool_backward:
                return test.operation(kind, p, {int16(x, true), int16(y)}, {result(ElementType::mantissa, x)});
            case OpKind::average_pool_forward:
                return test.operation(kind, p, {int16(x)}, {result(ElementType::fp32, y)});
            default: return test.operation(kind, p, {int16(y)}, {result(ElementType::fp32, x)});
        }
    }

    void lrn(OpKind kind) {
        const Shape shape = any_shape();
        const LrnParams params{one_of<std::int64_t>({1, 3, 5, 5, 9, 41}), one_of({0.0f, 1e-4f, 3.0f}),
                               one_of({1.0f, 2.0f, 1e-20f})};
        std::vector<TensorId> in = {int16(shape, true)};
        if (kind == OpKind::lrn_backward) in.push_back(int16(shape, true));
        test.operation(kind, params, in, {result(ElementType::fp32, shape)});
    }

    void concat(OpKind kind) {
        ConcatParams params{{}, rounding()};
        Shape whole = images();
        std::vector<TensorId> parts;
        std::int64_t channels = 0;
        for (std::int64_t left = pick(1, 4); left > 0; --left) {
            params.channels.push_back(one_of<std::int64_t>({pick(1, 40), 16, 32}));
            channels += params.channels.back();
            const Shape part = {whole[0], params.channels.back(), whole[2], whole[3]};
            parts.push_back(kind == OpKind::concat_forward ? int16(part, true) : result(ElementType::mantissa, part));
        }
        whole = {whole[0], channels, whole[2], whole[3]};
        kind == OpKind::concat_forward ? test.operation(kind, params, parts, {result(ElementType::mantissa, whole)})
                                       : test.operation(kind, params, {int16(whole, true)}, parts);
    }

    Accumulation accumulation() {
        return {one_of({Policy::exact, Policy::exact, Policy::chain, Policy::wrap, Policy::saturate, Policy::fma}),
                pick(1, 80)};
    }
    void sum(OpKind kind, const OpParams& params, const Accumulation& how, const Shape& a, const Shape& b,
             const Shape& y) {
        if (how.policy == Policy::fma) {
            return test.operation(kind, params, {fp32(a), fp32(b)}, {result(ElementType::fp32, y)});
        }
        const bool integers = how.policy == Policy::wrap || how.policy == Policy::saturate;
        const bool lowest = how.policy != Policy::exact || pick(0, 9) == 0;
        test.operation(kind, params, {int16(a, lowest), int16(b, lowest)},
                       {result(integers ? ElementType::accumulator : ElementType::fp32, y)});
    }
    void product(OpKind kind) {
        const Accumulation how = accumulation();
        if (kind == OpKind::gemm) {
            const GemmParams g{pick(1, 40), pick(1, 40), pick(1, 70), how};
            return sum(kind, g, how, {g.M, g.K}, {g.K, g.N}, {g.M, g.N});
        }
        if (kind == OpKind::fc_forward || kind == OpKind::fc_backward_data || kind == OpKind::fc_weight_gradient) {
            const Shape x = any_shape();
            const FcParams f{x[0], x.elements() / x[0], pick(1, 40), how};
            const Shape y = {f.N, f.K};
            const Shape w = {f.K, f.C};
            if (kind == OpKind::fc_forward) return sum(kind, f, how, x, w, y);
            if (kind == OpKind::fc_backward_data) return sum(kind, f, how, y, w, x);
            return sum(kind, f, how, x, y, w);
        }
        const std::int64_t groups = one_of<std::int64_t>({1, 1, 1, 2, 3});
        ConvParams c{pick(1, 3),
                     groups * pick(1, 20),
                     pick(1, 9),
                     pick(1, 9),
                     groups * pick(1, 20),
                     0,
                     0,
                     0,
                     0,
                     {pick(1, 3), pick(1, 3)},
                     {pick(0, 2), pick(0, 2)},
                     groups,
                     how};
        c.R = pick(1, std::min<std::int64_t>(4, c.H + 2 * c.pad[0]));
        c.S = pick(1, std::min<std::int64_t>(4, c.W + 2 * c.pad[1]));
        c.P = output_size(c.H, c.R, c.stride[0], c.pad[0]);
        c.Q = output_size(c.W, c.S, c.stride[1], c.pad[1]);
        const Shape x = {c.N, c.C, c.H, c.W};
        const Shape w = {c.K, c.C / groups, c.R, c.S};
        const Shape y = {c.N, c.K, c.P, c.Q};
        if (kind == OpKind::conv_forward) return sum(kind, c, how, x, w, y);
        if (kind == OpKind::conv_backward_data) return sum(kind, c, how, y, w, x);
        return sum(kind, c, how, x, y, w);
    }
};

bool every_isa_has(const Operation& operation) {
    const auto* params = std::get_if<InstructionParams>(&operation.params);
    if (params == nullptr) return true;
    for (const fast::Isa isa : fast::supported_isas()) {
        if (!fast::instruction_supported(isa, operation.kind, *params)) return false;
    }
    return true;
}

class FastAgainstGolden : public testing::TestWithParam<OpKind> {};

TEST_P(FastAgainstGolden, RandomOperations) {
    const auto golden = make_golden_backend(1);
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomOperation random(seed * 1000 + static_cast<std::uint64_t>(GetParam()));
        random.make(GetParam());
        if (!every_isa_has(random.test.graph().operations[0])) continue;
        if (!random.test.check_against(*golden)) ++compared;
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(compared, 5);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, FastAgainstGolden, testing::ValuesIn(kAllKinds),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

}  // namespace
}  // namespace dfp16::test
