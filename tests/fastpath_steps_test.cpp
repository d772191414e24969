// Plans of the fast path over several steps whose data change in size, against golden: what a plan expects from the
// step before (exponents, sums that fit INT32) must never show in a bit.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reference/golden.h"
#include "tests/fastpath_case.h"
#include "tests/random_picks.h"

namespace dfp16::test {
namespace {

/// As many outputs as inputs along both dimensions.
ConvParams same_size(std::int64_t N, std::int64_t C, std::int64_t K, std::int64_t size, std::int64_t taps) {
    ConvParams c;
    c.N = N;
    c.C = C;
    c.K = K;
    c.H = c.W = c.P = c.Q = size;
    c.R = c.S = taps;
    c.pad = {taps / 2, taps / 2};
    return c;
}

class Steps : public RandomPicks {
public:
    explicit Steps(unsigned seed) : RandomPicks(seed) {}

    /// A stride, padding, size and number of channels of any kind; groups of whole and of part blocks.
    ConvParams conv() {
        ConvParams c;
        c.groups = one_of<std::int64_t>({1, 1, 1, 2});
        c.N = pick(1, 4);
        c.C = c.groups * one_of<std::int64_t>({1, 3, 8, 16, 17, 40, 64});
        c.K = c.groups * one_of<std::int64_t>({1, 8, 16, 33, 64});
        c.R = one_of<std::int64_t>({1, 1, 2, 3, 5});
        c.S = pick(0, 2) ? c.R : one_of<std::int64_t>({1, 3});
        c.stride = {pick(1, 3), pick(1, 3)};
        c.pad = {pick(0, c.R - 1), pick(0, c.S - 1)};
        c.H = c.R + pick(0, 14);
        c.W = c.S + pick(0, 30);
        c.P = (c.H + 2 * c.pad[0] - c.R) / c.stride[0] + 1;
        c.Q = (c.W + 2 * c.pad[1] - c.S) / c.stride[1] + 1;
        c.accumulation.policy = one_of({Policy::exact, Policy::exact, Policy::chain});
        c.accumulation.chain = one_of<std::int64_t>({8, 64});
        return c;
    }

    /// Of an activation, of whole and of part blocks of channels.
    Shape shape() { return {pick(1, 4), one_of<std::int64_t>({1, 16, 33}), pick(1, 20), pick(1, 20)}; }

    HostTensor mantissas(const Shape& shape) {
        HostTensor tensor(ElementType::mantissa, shape);
        const std::int64_t limit = one_of<std::int64_t>({0, 3, 200, 5000, 8191, 8191, 8191, 32767});
        const std::int64_t low = pick(0, 2) ? -limit : limit;  // all alike: sums that INT32 does not hold
        for (Mantissa& m : tensor.mantissas()) m.value = static_cast<std::int16_t>(pick(low, limit));
        tensor.exponent.value = static_cast<int>(pick(-20, -10));
        return tensor;
    }

    /// Binds new values to the inputs at each step and compares all that is stored.
    void check(const Graph& graph, const std::vector<TensorId>& inputs, int steps) {
        check(graph, inputs, steps, [&](int) { return values_of(graph, inputs); });
    }

    /// The same values at each step, so that exponents are foreseen with certainty; but at every third one an input has
    /// another exponent from then on, so that they are wrong.
    void check_calm(const Graph& graph, const std::vector<TensorId>& inputs, int steps) {
        std::vector<HostTensor> values = values_of(graph, inputs);
        check(graph, inputs, steps, [&](int step) {
            HostTensor& value = values[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(inputs.size()) - 1))];
            if (step % 3 == 0 && step > 0) value.exponent.value += static_cast<int>(pick(-2, 3));
            return values;
        });
    }

    /// The same given values at each step.
    void check_same(const Graph& graph, const std::vector<TensorId>& inputs, const std::vector<HostTensor>& values,
                    int steps) {
        check(graph, inputs, steps, [&](int) { return values; });
    }

private:
    std::vector<HostTensor> values_of(const Graph& graph, const std::vector<TensorId>& inputs) {
        std::vector<HostTensor> values;
        for (const TensorId id : inputs) {
            const TensorInfo& info = graph.tensors[id];
            values.push_back(info.type == ElementType::mantissa ? mantissas(info.shape) : reals(info.shape));
        }
        return values;
    }

    template <typename Values>
    void check(const Graph& graph, const std::vector<TensorId>& inputs, int steps, const Values& values_at) {
        std::vector<std::unique_ptr<Plan>> plans;
        std::vector<std::string> names;
        for (const fast::Isa isa : fast::supported_isas()) {
            for (const int threads : {1, 2}) {
                plans.push_back(fast::make_backend(isa, threads)->prepare(graph, {}));
                names.push_back(std::string(fast::name_of(isa)) + ", " + std::to_string(threads) + " threads");
            }
        }
        const auto backend = make_golden_backend(1);
        const auto golden = backend->prepare(graph, {});
        for (int step = 0; step < steps; ++step) {
            const std::vector<HostTensor> values = values_at(step);
            const auto run = [&](Plan& plan) {
                for (std::size_t i = 0; i < inputs.size(); ++i) plan.bind(inputs[i], values[i]);
                plan.run_all({});
            };
            run(*golden);
            for (std::size_t i = 0; i < plans.size(); ++i) {
                const fast::StreamFrom stream(step % 2 == 1 ? 0 : fast::streamed_bytes());
                run(*plans[i]);
                for (const Operation& operation : graph.operations) {
                    for (const TensorId id : operation.outputs) {
                        if (graph.tensors[id].storage == Storage::transient) continue;
                        ASSERT_EQ(difference(plans[i]->read(id), golden->read(id)), "")
                            << graph.tensor_name(id) << " at step " << step << " on " << names[i];
                    }
                }
            }
        }
    }

    HostTensor reals(const Shape& shape) {
        HostTensor tensor(ElementType::fp32, shape);
        const auto top = static_cast<int>(pick(-12, 0));
        for (float& v : tensor.fp32()) v = std::ldexp(static_cast<float>(pick(-0xFFFFFF, 0xFFFFFF)), top - 24);
        if (shape.rank() != 4) return tensor;
        const std::int64_t plane = shape[2] * shape[3];
        for (std::int64_t i = 0; i < shape[0] * shape[1]; ++i) {  // some channels are larger than others
            const auto less = static_cast<int>(pick(0, 3));
            for (float& v :
                 std::span(tensor.fp32()).subspan(static_cast<std::size_t>(i * plane), static_cast<std::size_t>(plane)))
                v = std::ldexp(v, -less);
        }
        return tensor;
    }
};

/// What a network makes of a convolution: bias, ReLU, quantize.
void quantized_layer(Steps& steps, const ConvParams& c, bool forward, FastCase& test, std::vector<TensorId>& inputs) {
    const Shape x = {c.N, c.C, c.H, c.W};
    const Shape y = {c.N, c.K, c.P, c.Q};
    const Shape result = forward ? y : x;
    inputs = {test.unchecked("a", ElementType::mantissa, forward ? x : y),
              test.unchecked("w", ElementType::mantissa, {c.K, c.C / c.groups, c.R, c.S})};
    TensorId last = test.unchecked("sum", ElementType::fp32, result, Storage::transient);
    test.operation(forward ? OpKind::conv_forward : OpKind::conv_backward_data, c, inputs, {last});
    if (forward && steps.pick(0, 1) == 1) {
        const TensorId bias = test.unchecked("bias", ElementType::fp32, {result[1]});
        inputs.push_back(bias);
        const TensorId biased = test.unchecked("biased", ElementType::fp32, result, Storage::transient);
        test.operation(OpKind::bias_forward, NoParams{}, {last, bias}, {biased});
        last = biased;
    }
    if (forward && steps.pick(0, 1) == 1) {
        const TensorId activated = test.unchecked("activated", ElementType::fp32, result, Storage::transient);
        test.operation(OpKind::relu_forward, NoParams{}, {last}, {activated});
        last = activated;
    }
    const RoundingParams rounding{
        steps.one_of({0, 1, 2, 2, 2, 7, 14}),
        steps.one_of({Rounding::nearest_even, Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}), 5};
    test.operation(OpKind::quantize, rounding, {last}, {test.unchecked("q", ElementType::mantissa, result)});
}

TEST(FastSteps, QuantizedConvolutions) {
    for (unsigned seed = 0; seed < 120; ++seed) {
        Steps steps(seed);
        FastCase test;
        std::vector<TensorId> inputs;
        quantized_layer(steps, steps.conv(), seed % 2 == 0, test, inputs);
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

/// Images as they come, plain, which a convolution reads.
TEST(FastSteps, Images) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        Steps steps(9000 + seed);
        FastCase test;
        ConvParams c = steps.conv();
        c.groups = 1;
        c.C = steps.one_of<std::int64_t>({1, 2, 3, 3, 4, 5, 16, 17});
        const Shape x = {c.N, c.C, c.H, c.W};
        const std::vector<TensorId> inputs = {test.unchecked("x32", ElementType::fp32, x),
                                              test.unchecked("w", ElementType::mantissa, {c.K, c.C, c.R, c.S})};
        const TensorId m = test.unchecked("x", ElementType::mantissa, x);
        test.operation(OpKind::quantize, RoundingParams{steps.one_of({0, 2, 2, 5}), Rounding::nearest_even, 5},
                       {inputs[0]}, {m});
        test.operation(OpKind::conv_forward, c, {m, inputs[1]},
                       {test.unchecked("y", ElementType::fp32, {c.N, c.K, c.P, c.Q})});
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 5)) << "seed " << seed;
    }
}

/// A bias that is not a number: ReLU makes it 0, without ReLU it is an error, in every step.
TEST(FastSteps, BiasThatIsNoNumber) {
    const ConvParams c = same_size(2, 16, 40, 9, 1);
    const Shape y = {c.N, c.K, c.P, c.Q};
    for (const bool relu : {true, false}) {
        Steps steps(1);
        FastCase test;
        std::vector<HostTensor> values = {HostTensor(ElementType::mantissa, {c.N, c.C, c.H, c.W}),
                                          HostTensor(ElementType::mantissa, {c.K, c.C, 1, 1}),
                                          HostTensor(ElementType::fp32, {c.K})};
        for (Mantissa& m : values[0].mantissas()) m.value = 3;
        for (Mantissa& m : values[1].mantissas()) m.value = 5;
        values[1].mantissas()[16].value = 8000;                    // the largest are of channel 1
        values[2].fp32()[17] = std::bit_cast<float>(0x7FC01234u);  // the same lane of the next block
        const std::vector<TensorId> inputs = {test.unchecked("x", ElementType::mantissa, values[0].shape),
                                              test.unchecked("w", ElementType::mantissa, values[1].shape),
                                              test.unchecked("bias", ElementType::fp32, values[2].shape)};
        const TensorId sum = test.unchecked("sum", ElementType::fp32, y, Storage::transient);
        TensorId last = test.unchecked("biased", ElementType::fp32, y, Storage::transient);
        test.operation(OpKind::conv_forward, c, {inputs[0], inputs[1]}, {sum});
        test.operation(OpKind::bias_forward, NoParams{}, {sum, inputs[2]}, {last});
        if (relu) {
            const TensorId activated = test.unchecked("activated", ElementType::fp32, y, Storage::transient);
            test.operation(OpKind::relu_forward, NoParams{}, {last}, {activated});
            last = activated;
        }
        test.operation(OpKind::quantize, RoundingParams{2, Rounding::nearest_even, 5}, {last},
                       {test.unchecked("q", ElementType::mantissa, y)});
        if (relu) {
            ASSERT_NO_FATAL_FAILURE(steps.check_same(test.graph(), inputs, values, 4));
            continue;
        }
        for (const fast::Isa isa : fast::supported_isas()) {
            const auto plan = fast::make_backend(isa, 2)->prepare(test.graph(), {});
            for (int step = 0; step < 4; ++step) {
                for (std::size_t i = 0; i < inputs.size(); ++i) {
                    plan->bind(inputs[i], values[i]);
                    if (i == 2 && step < 3) plan->bind(inputs[i], HostTensor(ElementType::fp32, {c.K}));
                }
                if (step < 3) {
                    plan->run_all({});
                } else {
                    EXPECT_THROW(plan->run_all({}), InputError) << fast::name_of(isa);
                }
            }
        }
    }
}

TEST(FastSteps, WeightGradients) {
    for (unsigned seed = 0; seed < 80; ++seed) {
        Steps steps(1000 + seed);
        FastCase test;
        const ConvParams c = steps.conv();
        const std::vector<TensorId> inputs = {test.unchecked("x", ElementType::mantissa, {c.N, c.C, c.H, c.W}),
                                              test.unchecked("dy", ElementType::mantissa, {c.N, c.K, c.P, c.Q})};
        test.operation(OpKind::conv_weight_gradient, c, inputs,
                       {test.unchecked("dw", ElementType::fp32, {c.K, c.C / c.groups, c.R, c.S})});
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 4)) << "seed " << seed;
    }
}

TEST(FastSteps, SumsThatLeaveInt32) {
    // 16 * 9 * 40 products of 2^26 all alike; 4 * 30 * 30 of them for the weight gradient.
    const ConvParams c = same_size(4, 48, 48, 30, 3);
    for (const std::int16_t value : {std::int16_t{8191}, std::int16_t{-8191}}) {
        FastCase test;
        const Shape x = {c.N, c.C, c.H, c.W};
        const Shape w = {c.K, c.C, c.R, c.S};
        HostTensor large(ElementType::mantissa, x);
        HostTensor weights(ElementType::mantissa, w);
        for (Mantissa& m : large.mantissas()) m.value = value;
        for (Mantissa& m : weights.mantissas()) m.value = 8191;
        const TensorId ix = test.input("x", large);
        const TensorId iw = test.input("w", weights);
        const TensorId idy = test.input("dy", large);
        test.operation(OpKind::conv_forward, c, {ix, iw}, {test.unchecked("y", ElementType::fp32, x)});
        test.operation(OpKind::conv_backward_data, c, {idy, iw}, {test.unchecked("dx", ElementType::fp32, x)});
        test.operation(OpKind::conv_weight_gradient, c, {ix, idy}, {test.unchecked("dw", ElementType::fp32, w)});
        EXPECT_FALSE(test.check_against(*make_golden_backend(2)));
    }
}

/// Batch norm of x in training, with parameters that become inputs; FP32, transient.
TensorId batch_norm(FastCase& test, std::vector<TensorId>& inputs, TensorId x, const std::string& name,
                    const Shape& shape) {
    std::vector<TensorId> operands = {x};
    for (const char* parameter : {".gamma", ".beta", ".running_mean", ".running_var"}) {
        operands.push_back(test.unchecked(name + parameter, ElementType::fp32, {shape[1]}));
        inputs.push_back(operands.back());
    }
    const TensorId y = test.unchecked(name, ElementType::fp32, shape, Storage::transient);
    test.operation(OpKind::batch_norm_forward, BatchNormParams{}, operands,
                   {y, test.unchecked(name + ".mean", ElementType::fp32, {shape[1]}),
                    test.unchecked(name + ".invstd", ElementType::fp32, {shape[1]}), operands[3], operands[4]});
    return y;
}

/// Its gradient, quantized, with statistics that become inputs.
void batch_norm_gradient(FastCase& test, std::vector<TensorId>& inputs, TensorId x, TensorId dy, const Shape& shape,
                         const RoundingParams& rounding) {
    std::vector<TensorId> operands = {x, dy};
    for (const char* name : {"gamma", "mean", "invstd"}) {
        operands.push_back(test.unchecked(name, ElementType::fp32, {shape[1]}));
        inputs.push_back(operands.back());
    }
    const TensorId dx32 = test.unchecked("gradient32", ElementType::fp32, shape, Storage::transient);
    test.operation(OpKind::batch_norm_backward, BatchNormParams{}, operands,
                   {dx32, test.unchecked("dgamma", ElementType::fp32, {shape[1]}),
                    test.unchecked("dbeta", ElementType::fp32, {shape[1]})});
    test.operation(OpKind::quantize, rounding, {dx32}, {test.unchecked("gradient", ElementType::mantissa, shape)});
}

/// The rest of what guesses an exponent: add, and the gradient of batch norm.
TEST(FastSteps, AddAndBatchNorm) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        Steps steps(2000 + seed);
        FastCase test;
        const Shape shape = steps.shape();
        const RoundingParams rounding{
            steps.one_of({0, 2, 5}),
            steps.one_of({Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}), 7};
        std::vector<TensorId> inputs = {test.unchecked("a", ElementType::mantissa, shape),
                                        test.unchecked("b", ElementType::mantissa, shape)};
        const TensorId sum = test.unchecked("sum", ElementType::mantissa, shape);
        test.operation(OpKind::add, AddParams{rounding, seed % 2 == 0}, inputs, {sum});
        batch_norm_gradient(test, inputs, inputs[0], sum, shape, rounding);
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

/// Batch norm of an evaluation, whose results no statistics bound.
TEST(FastSteps, BatchNormInference) {
    for (unsigned seed = 0; seed < 24; ++seed) {
        Steps steps(3000 + seed);
        FastCase test;
        const Shape shape = steps.shape();
        std::vector<TensorId> inputs = {test.unchecked("x", ElementType::mantissa, shape)};
        for (const char* parameter : {"gamma", "beta", "mean", "var"}) {
            inputs.push_back(test.unchecked(parameter, ElementType::fp32, {shape[1]}));
        }
        TensorId last = test.unchecked("y", ElementType::fp32, shape, Storage::transient);
        test.operation(OpKind::batch_norm_inference, BatchNormParams{.epsilon = 2.0f}, inputs, {last});
        if (seed % 2 == 0) {
            const TensorId activated = test.unchecked("activated", ElementType::fp32, shape, Storage::transient);
            test.operation(OpKind::relu_forward, NoParams{}, {last}, {activated});
            last = activated;
        }
        const RoundingParams rounding{
            steps.one_of({0, 2, 5}),
            steps.one_of({Rounding::nearest_even, Rounding::nearest_even, Rounding::toward_zero}), 7};
        test.operation(OpKind::quantize, rounding, {last}, {test.unchecked("q", ElementType::mantissa, shape)});
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 5)) << "seed " << seed;
    }
}

/// A gradient that is kept masked only: of a convolution, or a sum. (Of max pooling: MaxPoolGradients.)
TEST(FastSteps, MaskedGradients) {
    for (unsigned seed = 0; seed < 120; ++seed) {
        Steps steps(4000 + seed);
        FastCase test;
        const ConvParams c = steps.conv();
        const Shape x = {c.N, c.C, c.H, c.W};
        const RoundingParams rounding{
            steps.one_of({0, 1, 2, 2, 2, 7, 14}),
            steps.one_of({Rounding::nearest_even, Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}),
            5};
        const TensorId dx = test.unchecked("dx", ElementType::mantissa, x, Storage::transient);
        std::vector<TensorId> inputs;
        if (seed % 3 == 0) {
            inputs = {test.unchecked("a", ElementType::mantissa, x), test.unchecked("b", ElementType::mantissa, x)};
            test.operation(OpKind::add, AddParams{rounding, seed % 2 == 0}, inputs, {dx});
        } else {
            inputs = {test.unchecked("dy", ElementType::mantissa, {c.N, c.K, c.P, c.Q}),
                      test.unchecked("w", ElementType::mantissa, {c.K, c.C / c.groups, c.R, c.S})};
            const TensorId dx32 = test.unchecked("dx32", ElementType::fp32, x, Storage::transient);
            test.operation(OpKind::conv_backward_data, c, inputs, {dx32});
            test.operation(OpKind::quantize, rounding, {dx32}, {dx});
        }
        const bool fp32 = seed % 5 == 0;
        inputs.push_back(test.unchecked("y", fp32 ? ElementType::fp32 : ElementType::mantissa, x));
        const TensorId dz = test.unchecked("dz", ElementType::mantissa, x);
        test.operation(OpKind::relu_backward, NoParams{}, {dx, inputs.back()}, {dz});
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

/// A residual sum and its gradient, of tensors whose bounds are known: what goes by 16 bits and by bits a mask.
TEST(FastSteps, SumsOfBoundedTensors) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        Steps steps(6000 + seed);
        FastCase test;
        const Shape shape = {steps.pick(1, 3), steps.one_of<std::int64_t>({1, 16, 33}), steps.pick(1, 20),
                             steps.pick(1, 20)};
        const RoundingParams rounding{
            steps.one_of({1, 2, 2, 5}),
            steps.one_of({Rounding::nearest_even, Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}),
            7};
        std::vector<TensorId> inputs;
        const auto bounded = [&](const std::string& name) {
            inputs.push_back(test.unchecked(name + "32", ElementType::fp32, shape));
            const TensorId m = test.unchecked(name, ElementType::mantissa, shape);
            test.operation(OpKind::quantize, RoundingParams{2, Rounding::nearest_even, 5}, {inputs.back()}, {m});
            return m;
        };
        const TensorId x = bounded("x");
        const TensorId y = test.unchecked("y", ElementType::mantissa, shape);
        test.operation(OpKind::add, AddParams{rounding, true}, {x, bounded("b")}, {y});
        const TensorId dy = test.unchecked("dy", ElementType::mantissa, shape, Storage::transient);
        const TensorId dz = test.unchecked("dz", ElementType::mantissa, shape);
        const std::vector<TensorId> parts = {bounded("g"), bounded("h")};
        test.operation(OpKind::add, AddParams{rounding, false}, parts, {dy});
        test.operation(OpKind::relu_backward, NoParams{}, {dy, y}, {dz});
        batch_norm_gradient(test, inputs, x, dz, shape, rounding);
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

/// A convolution between batch norms, there and back, over steps: sums in passing on both sides, masks as bits.
TEST(FastSteps, ConvolutionBetweenBatchNorms) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        Steps steps(7000 + seed);
        FastCase test;
        const ConvParams c = steps.conv();
        const Shape x = {c.N, c.C, c.H, c.W};
        const Shape y = {c.N, c.K, c.P, c.Q};
        const RoundingParams rounding{steps.one_of({0, 2, 2, 2, 5}), Rounding::nearest_even, 5};
        std::vector<TensorId> inputs;
        const auto input = [&](const std::string& name, ElementType type, const Shape& extent) {
            inputs.push_back(test.unchecked(name, type, extent));
            return inputs.back();
        };
        const auto quantized = [&](TensorId from, const std::string& name, const Shape& extent, Storage storage) {
            const TensorId m = test.unchecked(name, ElementType::mantissa, extent, storage);
            test.operation(OpKind::quantize, rounding, {from}, {m});
            return m;
        };
        // x0 -> batch norm, ReLU -> x1 -> convolution -> y -> batch norm's statistics
        const TensorId x0 = quantized(input("x32", ElementType::fp32, x), "x0", x, Storage::stored);
        const TensorId activated = test.unchecked("activated", ElementType::fp32, x, Storage::transient);
        test.operation(OpKind::relu_forward, NoParams{}, {batch_norm(test, inputs, x0, "bn0", x)}, {activated});
        const TensorId x1 = quantized(activated, "x1", x, Storage::stored);
        const TensorId w = input("w", ElementType::mantissa, {c.K, c.C / c.groups, c.R, c.S});
        const TensorId sum = test.unchecked("sum", ElementType::fp32, y, Storage::transient);
        test.operation(OpKind::conv_forward, c, {x1, w}, {sum});
        const TensorId y0 = quantized(sum, "y", y, Storage::stored);
        quantized(batch_norm(test, inputs, y0, "bn1", y), "y1", y, Storage::stored);
        // dy -> backward-data, masked by x1 -> dz -> batch norm's gradient with x0
        const TensorId dy = input("dy", ElementType::mantissa, y);
        const TensorId dx32 = test.unchecked("dx32", ElementType::fp32, x, Storage::transient);
        test.operation(OpKind::conv_backward_data, c, {dy, w}, {dx32});
        const TensorId dx = quantized(dx32, "dx", x, Storage::transient);
        const TensorId dz = test.unchecked("dz", ElementType::mantissa, x);
        test.operation(OpKind::relu_backward, NoParams{}, {dx, x1}, {dz});
        batch_norm_gradient(test, inputs, x0, dz, x, rounding);
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

/// A convolution's gradient that only a sum of gradients reads, masked or not, which batch norm reads.
TEST(FastSteps, SumsOfConvolutions) {
    for (unsigned seed = 0; seed < 120; ++seed) {
        Steps steps(8000 + seed);
        FastCase test;
        ConvParams c = steps.conv();
        while (seed % 4 != 0 && c.stride != std::array<std::int64_t, 2>{1, 1}) c = steps.conv();
        const Shape x = {c.N, c.C, c.H, c.W};
        const RoundingParams rounding{steps.one_of({0, 1, 2, 2, 2, 5}),
                                      steps.one_of({Rounding::nearest_even, Rounding::nearest_even,
                                                    Rounding::nearest_even, Rounding::toward_zero}),
                                      5};
        std::vector<TensorId> inputs;
        const auto input = [&](const std::string& name, const Shape& shape) {
            inputs.push_back(test.unchecked(name, ElementType::mantissa, shape));
            return inputs.back();
        };
        const auto gradient = [&](const std::string& name) {
            const TensorId dy = input(name + ".dy", {c.N, c.K, c.P, c.Q});
            const TensorId w = input(name + ".w", {c.K, c.C / c.groups, c.R, c.S});
            const TensorId dx32 = test.unchecked(name + ".dx32", ElementType::fp32, x, Storage::transient);
            test.operation(OpKind::conv_backward_data, c, {dy, w}, {dx32});
            const TensorId dx = test.unchecked(name + ".dx", ElementType::mantissa, x, Storage::transient);
            test.operation(OpKind::quantize, rounding, {dx32}, {dx});
            return dx;
        };
        const TensorId y = input("y", x);
        const TensorId other = seed % 5 == 0 ? gradient("b") : input("b", x);
        const TensorId one = gradient("a");
        const bool masked = seed % 3 != 0;
        const TensorId sum =
            test.unchecked("sum", ElementType::mantissa, x, masked ? Storage::transient : Storage::stored);
        const std::vector<TensorId> parts = {seed % 2 == 0 ? one : other, seed % 2 == 0 ? other : one};
        test.operation(OpKind::add, AddParams{rounding, seed % 7 == 0}, parts, {sum});
        TensorId dz = sum;
        if (masked) {
            dz = test.unchecked("dz", ElementType::mantissa, x);
            test.operation(OpKind::relu_backward, NoParams{}, {sum, y}, {dz});
        }
        batch_norm_gradient(test, inputs, y, dz, x, rounding);
        ASSERT_NO_FATAL_FAILURE(steps.check_calm(test.graph(), inputs, 9)) << "seed " << seed;
    }
}

/// The largest results round up to a power of two, beyond the mantissas that headroom allows: 4 * 32767 + 3 = 2^17 - 1,
/// of both signs, in a tensor and in a sum.
TEST(FastSteps, ResultsThatRoundUpToAPowerOfTwo) {
    const ConvParams c = same_size(2, 33, 5, 9, 1);
    const Shape dy_shape = {c.N, c.K, c.P, c.Q};
    const Shape x = {c.N, c.C, c.H, c.W};
    HostTensor dy(ElementType::mantissa, dy_shape);
    for (std::size_t i = 0; i < dy.mantissas().size(); ++i) {
        dy.mantissas()[i].value = i / static_cast<std::size_t>(c.P * c.Q) % 5 == 4 ? 3 : 32767;
    }
    HostTensor w(ElementType::mantissa, {c.K, c.C, 1, 1});
    for (std::size_t i = 0; i < w.mantissas().size(); ++i) w.mantissas()[i].value = i % 33 % 2 == 0 ? 1 : -1;
    HostTensor other(ElementType::mantissa, x);
    for (Mantissa& m : other.mantissas()) m.value = 5;
    other.exponent.value = 2;
    for (const int headroom : {0, 1, 2, 7}) {
        for (const bool summed : {false, true}) {
            FastCase test;
            const std::vector<TensorId> inputs = {test.input("dy", dy), test.input("w", w), test.input("b", other)};
            const TensorId dx32 = test.unchecked("dx32", ElementType::fp32, x, Storage::transient);
            const RoundingParams rounding{headroom, Rounding::nearest_even, 5};
            test.operation(OpKind::conv_backward_data, c, {inputs[0], inputs[1]}, {dx32});
            const TensorId dx =
                test.unchecked("dx", ElementType::mantissa, x, summed ? Storage::transient : Storage::stored);
            test.operation(OpKind::quantize, rounding, {dx32}, {dx});
            if (summed) {
                test.operation(OpKind::add, AddParams{rounding, false}, {dx, inputs[2]},
                               {test.unchecked("sum", ElementType::mantissa, x)});
            }
            Steps steps(0);
            ASSERT_NO_FATAL_FAILURE(steps.check_same(test.graph(), inputs, {dy, w, other}, 5))
                << "headroom " << headroom << (summed ? ", summed" : "");
        }
    }
}

/// Batch norm that only a sum reads, on either side of it or on both.
TEST(FastSteps, BatchNormIntoSums) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        Steps steps(5000 + seed);
        FastCase test;
        const Shape shape = steps.shape();
        const auto rounding = [&] {
            return RoundingParams{steps.one_of({0, 2, 5}),
                                  steps.one_of({Rounding::nearest_even, Rounding::nearest_even, Rounding::toward_zero}),
                                  7};
        };
        std::vector<TensorId> inputs;
        const auto stored = [&](const std::string& name) {
            inputs.push_back(test.unchecked(name, ElementType::mantissa, shape));
            return inputs.back();
        };
        const auto normalized = [&](const std::string& name) {
            const TensorId y32 = batch_norm(test, inputs, stored(name + ".x"), name, shape);
            const TensorId y = test.unchecked(name + ".y", ElementType::mantissa, shape, Storage::transient);
            test.operation(OpKind::quantize, rounding(), {y32}, {y});
            return y;
        };
        const TensorId a = seed % 3 == 0 ? stored("a") : normalized("a");
        const TensorId b = seed % 3 == 1 ? stored("b") : normalized("b");
        test.operation(OpKind::add, AddParams{rounding(), seed % 2 == 0}, {a, b},
                       {test.unchecked("sum", ElementType::mantissa, shape)});
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

TEST(FastSteps, MaxPoolGradients) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        Steps steps(3000 + seed);
        FastCase test;
        PoolParams p{steps.pick(1, 4),
                     steps.one_of<std::int64_t>({1, 16, 33}),
                     steps.pick(3, 30),
                     steps.pick(3, 30),
                     2,
                     2,
                     0,
                     0,
                     {2, 2},
                     {0, 0},
                     {}};
        if (seed % 2 == 1) {
            p.R = p.S = 3;
            p.pad = {1, 1};
        }
        p.P = (p.H + 2 * p.pad[0] - p.R) / 2 + 1;
        p.Q = (p.W + 2 * p.pad[1] - p.S) / 2 + 1;
        p.rounding = {steps.one_of({0, 2, 5}),
                      steps.one_of({Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}), 9};
        const Shape x = {p.N, p.C, p.H, p.W};
        const std::vector<TensorId> inputs = {test.unchecked("x", ElementType::mantissa, x),
                                              test.unchecked("dy", ElementType::mantissa, {p.N, p.C, p.P, p.Q})};
        if (seed % 4 < 2) {
            test.operation(OpKind::max_pool_backward, p, inputs, {test.unchecked("dx", ElementType::mantissa, x)});
        } else {
            const TensorId dx = test.unchecked("dx", ElementType::mantissa, x, Storage::transient);
            test.operation(OpKind::max_pool_backward, p, inputs, {dx});
            test.operation(OpKind::relu_backward, NoParams{}, {dx, inputs[0]},
                           {test.unchecked("dz", ElementType::mantissa, x)});
        }
        ASSERT_NO_FATAL_FAILURE(steps.check(test.graph(), inputs, 6)) << "seed " << seed;
    }
}

}  // namespace
}  // namespace dfp16::test
