// Every planted bug gets its class, and no other: kernels are plain loops (naive.h) or golden on something changed.
#include <cmath>

#include "sim/philox.h"
#include "tests/triage/naive.h"
#include "tests/triage_helpers.h"

namespace dfp16 {
namespace {

using test::Answer;
using test::naive::Conv;
using test::naive::Gemm;
using test::naive::Row;

/// Exactly this class explains all.
void expect_class(const std::string& class_name, const Case& failing, const Answer& answer) {
    SCOPED_TRACE(class_name + " on " + name_of(failing.op));
    triage::TriageOptions options;
    options.shrink.most_runs = 0;
    const triage::Triage triage = test::triage_with(failing, answer, options);
    ASSERT_FALSE(triage.diagnoses.empty()) << text_of(triage);
    EXPECT_EQ(triage.diagnoses[0].class_name, class_name) << text_of(triage);
    EXPECT_EQ(triage.diagnoses[0].explained, 1.0) << text_of(triage);
    EXPECT_EQ(triage.diagnoses.size(), 1u) << text_of(triage);
    EXPECT_FALSE(triage.diagnoses[0].words.empty());
}

const ConvParams kConv{2, 6, 7, 6, 5, 3, 2, 0, 0, {2, 1}, {1, 1}, 1, {Policy::exact, 64}};

Case conv(Policy policy = Policy::exact, std::int64_t chain = 64, std::int64_t limit = 8191) {
    ConvParams params = kConv;
    params.accumulation = {policy, chain};
    return test::conv_case(OpKind::conv_forward, params, limit);
}

/// Golden on a changed case.
Answer golden_with(const std::function<void(Case&)>& change) {
    return [change](const Case& inputs, Backend& golden) {
        Case changed = inputs;
        change(changed);
        return run(changed, golden);
    };
}

/// Golden's outputs, changed.
Answer golden_then(const std::function<void(std::vector<HostTensor>&)>& change) {
    return [change](const Case& inputs, Backend& golden) {
        std::vector<HostTensor> outputs = run(inputs, golden);
        change(outputs);
        return outputs;
    };
}

TEST(TriageClass, NaiveLoopsAreRight) {
    const auto golden = make_golden_backend(1);
    const auto right = [&](const Case& inputs, const Answer& answer) {
        EXPECT_FALSE(triage::outcome_of(run(inputs, *golden), answer(inputs, *golden)).fails());
    };
    right(test::gemm_case(5, 4, 19, Policy::exact), Gemm{});
    right(conv(), Conv{});
    Conv chained;
    chained.finish = test::naive::chains_of(16);
    right(conv(Policy::chain, 8), chained);
    const Case multiply = test::elementwise_case(OpKind::multiply, RoundingParams{}, 300);
    right(multiply, [](const Case& c, Backend&) {
        return std::vector{test::naive::multiply(c, [](double v, std::size_t) { return std::nearbyint(v); })};
    });
}

// --- rounding

Answer rounds_with(double (*round)(double)) {
    return [round](const Case& c, Backend&) {
        return std::vector{test::naive::multiply(c, [round](double v, std::size_t) { return round(v); })};
    };
}

double half_up(double v) {
    return std::floor(v + 0.5);
}

TEST(TriageClass, Rounding) {
    const auto multiply = [](Rounding mode, std::int64_t limit = 32767) {
        return test::elementwise_case(OpKind::multiply, RoundingParams{2, mode, 0}, 500, limit);
    };
    expect_class("rounding-toward-zero", multiply(Rounding::nearest_even), rounds_with(std::trunc));
    expect_class("rounding-nearest-even", multiply(Rounding::toward_zero, 400), rounds_with(std::nearbyint));
    expect_class("rounding-nearest-even", multiply(Rounding::stochastic, 400), rounds_with(std::nearbyint));
    expect_class("rounding-half-away", multiply(Rounding::nearest_even, 400), rounds_with(std::round));
    expect_class("rounding-arithmetic-shift", multiply(Rounding::nearest_even), rounds_with(std::floor));
    expect_class("rounding-arithmetic-shift", multiply(Rounding::nearest_even, 400), rounds_with(half_up));
}

TEST(TriageClass, RoundingOfOtherOperations) {
    const auto toward_zero = [](auto params_of) {
        return golden_with([params_of](Case& c) { params_of(c).rounding = Rounding::toward_zero; });
    };
    Case add = test::elementwise_case(OpKind::add, AddParams{}, 300);
    add.inputs[1].exponent = {-5};
    expect_class("rounding-toward-zero", add,
                 toward_zero([](Case& c) -> RoundingParams& { return std::get<AddParams>(c.params).rounding; }));
    Case quantize = test::elementwise_case(OpKind::quantize, RoundingParams{}, 300);
    test::RandomPicks picks(3);
    for (float& v : quantize.inputs[0].fp32()) v = static_cast<float>(picks.pick(-1'000'000, 1'000'000)) / 1024;
    expect_class("rounding-toward-zero", quantize,
                 toward_zero([](Case& c) -> RoundingParams& { return std::get<RoundingParams>(c.params); }));
    Case convert = test::elementwise_case(OpKind::down_convert, RoundingParams{}, 300);
    for (Accumulator& v : convert.inputs[0].accumulators()) v.value = static_cast<int>(picks.pick(-900'000, 900'000));
    expect_class("rounding-toward-zero", convert,
                 toward_zero([](Case& c) -> RoundingParams& { return std::get<RoundingParams>(c.params); }));
    Case concat;
    concat.op = OpKind::concat_forward;
    concat.params = ConcatParams{{3, 2}, {}};
    concat.extent = Shape{2, 5, 3, 3};
    concat = test::random_case(concat, 32767);
    concat.inputs[0].exponent = {-3};
    expect_class("rounding-toward-zero", concat,
                 toward_zero([](Case& c) -> RoundingParams& { return std::get<ConcatParams>(c.params).rounding; }));
}

TEST(TriageClass, StochasticWord) {
    Case failing = test::elementwise_case(OpKind::multiply, RoundingParams{2, Rounding::stochastic, 7}, 300);
    failing.context = {11, 5, 0.0f};
    const auto with = [](std::size_t shift, Purpose purpose) {
        return [=](const Case& c, Backend&) {
            const RandomStream stream{c.context.seed, c.context.step, purpose,
                                      std::get<RoundingParams>(c.params).tensor};
            const auto round = [&](double v, std::size_t i) {
                const double low = std::floor(std::fabs(v));
                const double fraction = std::ldexp(std::fabs(v) - low, 32);
                return std::copysign(low + (stream.word(i + shift) < fraction ? 1 : 0), v);
            };
            return std::vector{test::naive::multiply(c, round)};
        };
    };
    expect_class("stochastic-word", failing, with(1, Purpose::down_convert));
    expect_class("stochastic-word", failing, with(0, Purpose::quantize));
    expect_class("stochastic-word", failing, golden_with([](Case& c) { --c.context.step; }));
}

TEST(TriageClass, DropoutWord) {
    Case failing = test::elementwise_case(OpKind::dropout_forward, DropoutParams{0.3f, 9}, 200);
    expect_class("stochastic-word", failing,
                 golden_with([](Case& c) { std::get<DropoutParams>(c.params).tensor = 0; }));
}

TEST(TriageClass, RoundingToFp32) {
    Gemm truncating;
    truncating.finish = [](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        const double sum = std::ldexp(static_cast<double>(test::naive::dot(a, b)), k);
        float result = static_cast<float>(sum);
        if (std::fabs(result) > std::fabs(sum)) result = std::nextafterf(result, 0.0f);
        out.fp32()[index] = result;
    };
    expect_class("fp32-toward-zero", test::gemm_case(6, 6, 40, Policy::exact), truncating);
}

TEST(TriageClass, ZerosAndSubnormals) {
    Case small = test::gemm_case(5, 5, 6, Policy::exact, 64, 500);
    small.inputs[0].exponent = {-80};
    small.inputs[1].exponent = {-64};
    expect_class("flush-to-zero", small, golden_then([](std::vector<HostTensor>& outputs) {
                     for (float& v : outputs[0].fp32()) v = std::fabs(v) < 0x1p-126f ? std::copysign(0.0f, v) : v;
                 }));
    Case smaller = test::gemm_case(8, 8, 6, Policy::exact, 64, 100);
    smaller.inputs[0].exponent = {-80};
    smaller.inputs[1].exponent = {-82};
    expect_class("zero-sign", smaller, golden_then([](std::vector<HostTensor>& outputs) {
                     for (float& v : outputs[0].fp32()) v += 0.0f;
                 }));
}

// --- sums

TEST(TriageClass, WrapAndSaturate) {
    Gemm saturating;
    saturating.finish = [](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < a.size(); i += 2) {
            sum = test::naive::clamp32(sum + a[i] * b[i] + (i + 1 < a.size() ? a[i + 1] * b[i + 1] : 0));
        }
        out.accumulators()[index].value = static_cast<std::int32_t>(sum);
        out.exponent = {k};
    };
    expect_class("saturate-for-wrap", test::gemm_case(6, 6, 41, Policy::wrap, 64, 32767), saturating);
    Gemm wrapping;
    wrapping.finish = test::naive::wrapping;
    expect_class("wrap-for-saturate", test::gemm_case(6, 6, 41, Policy::saturate, 64, 32767), wrapping);
    Gemm late;
    late.finish = [](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        out.accumulators()[index].value = static_cast<std::int32_t>(test::naive::clamp32(test::naive::dot(a, b)));
        out.exponent = {k};
    };
    expect_class("saturate-elsewhere", test::gemm_case(6, 6, 41, Policy::saturate, 64, 32767), late);
}

TEST(TriageClass, Spills) {
    Gemm never;
    never.finish = [](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        out.fp32()[index] = std::ldexp(static_cast<float>(static_cast<std::int32_t>(test::naive::dot(a, b))), k);
    };
    expect_class("missing-spill", test::gemm_case(6, 6, 120, Policy::exact, 64, 32767), never);
    expect_class("missing-spill", test::gemm_case(6, 6, 120, Policy::chain, 8, 32767), never);
    expect_class("exact-for-chain", test::gemm_case(6, 6, 120, Policy::chain, 8, 32767), Gemm{});
    Gemm chained;
    chained.finish = test::naive::chains_of(32);
    expect_class("chain-for-exact", test::gemm_case(6, 6, 120, Policy::exact, 64, 8191), chained);
}

TEST(TriageClass, ChainLength) {
    const Case failing = test::gemm_case(7, 7, 400, Policy::chain, 24, 16383);
    for (const std::size_t elements : {24, 96, 46, 50, 47, 49, 16}) {
        Gemm chained;
        chained.finish = test::naive::chains_of(elements);
        expect_class("chain-length", failing, chained);
    }
}

/// A weight gradient by golden where each sum sees all images as one.
TEST(TriageClass, ChainAcrossImages) {
    ConvParams params = kConv;
    params.N = 5;
    params.accumulation = {Policy::chain, 5};
    const Answer across = [](const Case& c, Backend&) {
        const auto& p = std::get<ConvParams>(c.params);
        HostTensor dw = test::naive::empty_output(c);
        for (std::int64_t i = 0; i < dw.elements(); ++i) {
            const std::int64_t s = i % p.S, r = i / p.S % p.R, channel = i / (p.S * p.R) % p.C,
                               k = i / (p.S * p.R * p.C);
            Row a, b;
            for (std::int64_t n = 0; n < p.N; ++n) {
                for (std::int64_t y = 0; y < p.P; ++y) {
                    for (std::int64_t z = 0; z < p.Q; ++z) {
                        const auto from = static_cast<std::size_t>(((n * p.K + k) * p.P + y) * p.Q + z);
                        a.push_back(c.inputs[1].mantissas()[from].value);
                        b.push_back(
                            Conv{}.x(c, p, n, channel, y * p.stride[0] - p.pad[0] + r, z * p.stride[1] - p.pad[1] + s));
                    }
                    if (p.Q % 2 == 1) {
                        a.push_back(0);
                        b.push_back(0);
                    }
                }
            }
            test::naive::chains_of(10)(dw, static_cast<std::size_t>(i), a, b, 0);
        }
        return std::vector{dw};
    };
    expect_class("chain-across-images", test::conv_case(OpKind::conv_weight_gradient, params), across);
}

TEST(TriageClass, ChainPerTap) {
    Conv per_tap;
    per_tap.finish = test::naive::chains_of(6);  // six channels: each tap is a chain
    expect_class("chain-per-tap", conv(Policy::chain, 64, 32767), per_tap);
}

TEST(TriageClass, SummationOrder) {
    Conv outside;
    outside.channels_outside = true;
    outside.finish = test::naive::chains_of(8);
    expect_class("summation-order", conv(Policy::chain, 4, 32767), outside);
}

TEST(TriageClass, Unfused) {
    Case failing = test::gemm_case(5, 6, 20, Policy::fma);
    test::RandomPicks picks(5);
    for (HostTensor& input : failing.inputs) {
        for (float& v : input.fp32()) v = static_cast<float>(picks.pick(-1'000'000, 1'000'000)) / 4096;
    }
    expect_class("unfused", failing, [](const Case& c, Backend&) {
        const auto& p = std::get<GemmParams>(c.params);
        HostTensor out = test::naive::empty_output(c);
        for (std::int64_t i = 0; i < out.elements(); ++i) {
            float acc = 0;
            for (std::int64_t k = 0; k < p.K; ++k) {
                const float a = c.inputs[0].fp32()[static_cast<std::size_t>(i / p.N * p.K + k)];
                const float b = c.inputs[1].fp32()[static_cast<std::size_t>(k * p.N + i % p.N)];
                acc = static_cast<float>(double{acc} + double{static_cast<float>(double{a} * b)});
            }
            out.fp32()[static_cast<std::size_t>(i)] = acc;
        }
        return std::vector{out};
    });
}

TEST(TriageClass, PairsAndSigns) {
    const Case failing = test::gemm_case(5, 6, 20, Policy::exact);
    Gemm swapped;
    swapped.b = [](const Case& c, std::int64_t k, std::int64_t n) { return Gemm{}.b(c, k ^ 1, n); };
    expect_class("pairs-swapped", failing, swapped);
    Gemm unsigned_b;
    unsigned_b.b = [](const Case& c, std::int64_t k, std::int64_t n) { return Gemm{}.b(c, k, n) & 0xFFFF; };
    expect_class("unsigned-operand", failing, unsigned_b);
}

TEST(TriageClass, Tails) {
    const Case failing = test::gemm_case(5, 6, 23, Policy::exact);
    const auto with = [](const std::function<void(Row&, Row&)>& rows) {
        Gemm gemm;
        gemm.rows = rows;
        return gemm;
    };
    const auto keep = [](std::size_t count) {
        return [count](Row& a, Row&) {
            for (std::size_t i = count; i < a.size(); ++i) a[i] = 0;
        };
    };
    expect_class("dropped-tail", failing, with(keep(16)));
    expect_class("dropped-tail", failing, with(keep(20)));
    expect_class("dropped-last-pair", test::gemm_case(5, 6, 24, Policy::exact), with(keep(22)));
    const auto twice = [](std::size_t from, std::size_t to) {
        return [from, to](Row& a, Row& b) {
            for (std::size_t i = from; i < to; ++i) {
                a.push_back(a[i]);
                b.push_back(b[i]);
            }
        };
    };
    expect_class("double-counted", failing, with(twice(7, 16)));  // a last vector of 16 begins at 7
    expect_class("double-counted", failing, with(twice(22, 23)));
}

TEST(TriageClass, StaleAccumulator) {
    const Answer per_row = [](const Case& c, Backend&) {
        const auto& p = std::get<GemmParams>(c.params);
        Case wide = c;
        HostTensor out = test::naive::empty_output(c);
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < out.elements(); ++i) {
            if (i % p.N == 0) sum = 0;
            for (std::int64_t k = 0; k < p.K; ++k) sum += Gemm{}.a(c, i / p.N, k) * Gemm{}.b(c, k, i % p.N);
            out.fp32()[static_cast<std::size_t>(i)] = static_cast<float>(static_cast<double>(sum));
        }
        return std::vector{out};
    };
    expect_class("stale-accumulator", test::gemm_case(5, 6, 20, Policy::exact), per_row);
    Gemm twice;
    twice.finish = [](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        out.accumulators()[index].value = static_cast<std::int32_t>(2 * test::naive::dot(a, b));
        out.exponent = {k};
    };
    expect_class("stale-accumulator", test::gemm_case(5, 6, 20, Policy::wrap), twice);
}

// --- geometry and memory

TEST(TriageClass, Windows) {
    Conv flipped;
    flipped.flipped = true;
    expect_class("flipped-filter", conv(), flipped);
    Conv padded;
    padded.loops = [](ConvParams& p) { p.pad[0] = 0; };
    expect_class("padding-size", conv(), padded);
    Conv replicate;
    replicate.replicate = true;
    expect_class("padding-value", conv(), replicate);
    Conv stride;
    stride.loops = [](ConvParams& p) { p.stride = {1, 2}; };
    expect_class("wrong-stride", conv(), stride);
    ConvParams params = kConv;
    params.groups = 2;
    params.K = 4;
    Conv one_group;
    one_group.one_group = true;
    expect_class("groups-ignored", test::conv_case(OpKind::conv_forward, params), one_group);
}

TEST(TriageClass, WindowsOfGradients) {
    for (const OpKind op : {OpKind::conv_backward_data, OpKind::conv_weight_gradient}) {
        const Answer flipped = [op](const Case& inputs, Backend& golden) {
            Case changed = inputs;
            const auto& p = std::get<ConvParams>(inputs.params);
            const auto rotate = [&](HostTensor& w) {
                const auto turn = [&](auto& elements) {
                    for (auto filter = elements.begin(); filter != elements.end(); filter += p.R * p.S) {
                        std::reverse(filter, filter + p.R * p.S);
                    }
                };
                std::visit(turn, w.data);
            };
            if (op == OpKind::conv_backward_data) rotate(changed.inputs[1]);
            std::vector<HostTensor> outputs = run(changed, golden);
            if (op == OpKind::conv_weight_gradient) rotate(outputs[0]);
            return outputs;
        };
        expect_class("flipped-filter", test::conv_case(op, kConv), flipped);
    }
}

TEST(TriageClass, Memory) {
    Gemm transposed;
    transposed.b = [](const Case& c, std::int64_t k, std::int64_t n) {
        return std::int64_t{c.inputs[1].mantissas()[static_cast<std::size_t>(n * c.inputs[1].shape[0] + k)].value};
    };
    expect_class("transposed-operand", test::gemm_case(5, 6, 20, Policy::exact), transposed);
    Conv channels_last;
    channels_last.channels_last_in_memory = true;
    expect_class("tensor-layout", conv(), channels_last);
    expect_class("tensor-layout", conv(), golden_then([](std::vector<HostTensor>& outputs) {
                     const HostTensor y = outputs[0];
                     std::size_t place = 0;
                     for (std::int64_t n = 0; n < 2; ++n) {
                         for (std::int64_t pixel = 0; pixel < y.shape[2] * y.shape[3]; ++pixel) {
                             for (std::int64_t k = 0; k < 5; ++k, ++place) {
                                 outputs[0].fp32()[place] =
                                     y.fp32()[static_cast<std::size_t>((n * 5 + k) * y.shape[2] * y.shape[3] + pixel)];
                             }
                         }
                     }
                 }));
    expect_class("transposed-operand", conv(), golden_with([](Case& c) {
                     const auto memory = c.inputs[1].mantissas();  // of filters of 3 x 2, taken for 2 x 3
                     for (std::size_t i = 0; i < memory.size(); ++i) {
                         const std::size_t filter = i / 6 * 6, r = i % 6 / 2, s = i % 2;
                         c.inputs[1].mantissas()[i] = memory[filter + s * 3 + r];
                     }
                 }));
}

// --- exponents

TEST(TriageClass, Exponents) {
    expect_class("wrong-exponent", conv(), golden_then([](std::vector<HostTensor>& outputs) {
                     for (float& v : outputs[0].fp32()) v *= 8;
                 }));
    const Case multiply = test::elementwise_case(OpKind::multiply, RoundingParams{}, 100);
    expect_class("wrong-exponent", multiply,
                 golden_then([](std::vector<HostTensor>& outputs) { ++outputs[0].exponent.value; }));
    expect_class("wrong-exponent", multiply, [](const Case& c, Backend& golden) {
        std::vector<HostTensor> outputs = {
            test::naive::multiply(c, [](double v, std::size_t) { return std::nearbyint(v / 2); })};
        outputs[0].exponent = run(c, golden)[0].exponent;
        return outputs;
    });
    Case add = test::elementwise_case(OpKind::add, AddParams{}, 100);
    add.inputs[1].exponent = {-6};
    expect_class("wrong-exponent", add, golden_with([](Case& c) { c.inputs[1].exponent = {0}; }));
    expect_class("headroom", multiply, golden_with([](Case& c) { std::get<RoundingParams>(c.params).headroom = 3; }));
    Case quantize = test::elementwise_case(OpKind::quantize, RoundingParams{0, Rounding::nearest_even, 0}, 50);
    quantize.inputs[0].fp32()[3] = 32767.9f;
    quantize.inputs[0].fp32()[4] = 1234.0f;
    expect_class("unclamped", quantize,
                 golden_then([](std::vector<HostTensor>& outputs) { outputs[0].mantissas()[3].value = -32768; }));
}

// --- other operations

TEST(TriageClass, Relu) {
    const Case add = test::elementwise_case(OpKind::add, AddParams{{}, true}, 100);
    expect_class("relu", add, golden_with([](Case& c) { std::get<AddParams>(c.params).relu = false; }));
    const Case plain = test::elementwise_case(OpKind::add, AddParams{}, 100);
    expect_class("relu", plain, golden_with([](Case& c) { std::get<AddParams>(c.params).relu = true; }));
    expect_class("relu", conv(), golden_then([](std::vector<HostTensor>& outputs) {
                     for (float& v : outputs[0].fp32()) v = std::max(v, 0.0f);
                 }));
    Case backward = test::elementwise_case(OpKind::relu_backward, NoParams{}, 100, 3);
    expect_class("relu", backward, [](const Case& c, Backend&) {
        HostTensor dx = c.inputs[0];
        for (std::size_t i = 0; i < dx.mantissas().size(); ++i) {
            if (!(c.inputs[1].mantissas()[i].value >= 0)) dx.mantissas()[i].value = 0;
        }
        return std::vector{dx};
    });
}

TEST(TriageClass, Instructions) {
    Case failing;
    failing.op = OpKind::vpdpwssd;
    failing.params = InstructionParams{256, Masking::zero};
    failing.extent = Shape{9};
    failing = test::random_case(failing, 32767);
    test::RandomPicks picks(8);
    for (std::size_t input : {2, 3}) {
        for (Accumulator& v : failing.inputs[input].accumulators())
            v.value = static_cast<int>(picks.pick(-999999, 999999));
    }
    expect_class("mask-ignored", failing, golden_with([](Case& c) {
                     c.params = InstructionParams{256, Masking::none};
                     c.inputs.pop_back();
                 }));
    expect_class("mask-ignored", failing, golden_with([](Case& c) {
                     c.params = InstructionParams{256, Masking::merge};
                 }));
    for (Mantissa& m : failing.inputs[0].mantissas()) m.value = m.value < 0 ? -32768 : 32767;
    for (Accumulator& v : failing.inputs[2].accumulators()) v.value = 2'000'000'000;
    expect_class("saturate-for-wrap", failing, golden_with([](Case& c) { c.op = OpKind::vpdpwssds; }));
}

Case pool(OpKind op, std::int64_t limit) {
    Case made;
    made.op = op;
    PoolParams p{2, 3, 7, 7, 3, 3, 0, 0, {2, 2}, {1, 1}, {}, SizeRounding::ceil};
    p.P = pooled_size(p.H, p.R, 2, 1, p.size);
    p.Q = pooled_size(p.W, p.S, 2, 1, p.size);
    made.params = p;
    return test::random_case(made, limit);
}

TEST(TriageClass, MaxPoolPadding) {
    Case failing = pool(OpKind::max_pool_forward, 100);
    for (Mantissa& m : failing.inputs[0].mantissas()) m.value = static_cast<std::int16_t>(-std::abs(m.value) - 1);
    expect_class("padding-value", failing, [](const Case& c, Backend&) {
        const auto& p = std::get<PoolParams>(c.params);
        HostTensor y = test::naive::empty_output(c);
        for (std::int64_t i = 0; i < y.elements(); ++i) {
            const std::int64_t plane = i / (p.P * p.Q), row = i / p.Q % p.P, column = i % p.Q;
            int largest = -32768;
            for (std::int64_t r = row * 2 - 1; r < row * 2 + 2; ++r) {
                for (std::int64_t s = column * 2 - 1; s < column * 2 + 2; ++s) {
                    const bool inside = r >= 0 && s >= 0 && r < p.H && s < p.W;
                    const auto at = static_cast<std::size_t>((plane * p.H + r) * p.W + s);
                    largest = std::max<int>(largest, inside ? c.inputs[0].mantissas()[at].value : 0);
                }
            }
            y.mantissas()[static_cast<std::size_t>(i)].value = static_cast<std::int16_t>(largest);
        }
        return std::vector{y};
    });
}

/// The last of equal maxima wins where the plane is turned around, pooled, and turned back.
TEST(TriageClass, PoolTies) {
    expect_class("pool-ties", pool(OpKind::max_pool_backward, 2), [](const Case& inputs, Backend& golden) {
        Case turned = inputs;
        for (HostTensor& input : turned.inputs) {
            const std::int64_t plane = input.shape[2] * input.shape[3];
            auto& m = input.mantissas();
            for (auto begin = m.begin(); begin != m.end(); begin += plane) std::reverse(begin, begin + plane);
        }
        std::vector<HostTensor> outputs = run(turned, golden);
        auto& m = outputs[0].mantissas();
        for (auto begin = m.begin(); begin != m.end(); begin += 49) std::reverse(begin, begin + 49);
        return outputs;
    });
}

TEST(TriageClass, PoolDivisor) {
    const Case failing = pool(OpKind::average_pool_forward, 1000);
    expect_class("pool-divisor", failing, [](const Case& c, Backend&) {
        const auto& p = std::get<PoolParams>(c.params);
        HostTensor y = test::naive::empty_output(c);
        for (std::int64_t i = 0; i < y.elements(); ++i) {
            const std::int64_t plane = i / (p.P * p.Q), row = i / p.Q % p.P, column = i % p.Q;
            int sum = 0, count = 0;
            for (std::int64_t r = std::max<std::int64_t>(0, row * 2 - 1); r < std::min(p.H, row * 2 + 2); ++r) {
                for (std::int64_t s = std::max<std::int64_t>(0, column * 2 - 1); s < std::min(p.W, column * 2 + 2);
                     ++s) {
                    sum += c.inputs[0].mantissas()[static_cast<std::size_t>((plane * p.H + r) * p.W + s)].value;
                    ++count;
                }
            }
            y.fp32()[static_cast<std::size_t>(i)] = static_cast<float>(sum) / static_cast<float>(count);
        }
        return std::vector{y};
    });
}

TEST(TriageClass, ParameterIgnored) {
    Case sgd;
    sgd.op = OpKind::sgd_update;
    sgd.params = SgdParams{0.875f, 0.0005f};
    sgd.extent = Shape{40};
    sgd.context.learning_rate = 0.1f;
    sgd = test::random_case(sgd, 1);
    test::RandomPicks picks(4);
    for (HostTensor& input : sgd.inputs) {
        for (float& v : input.fp32()) v = static_cast<float>(picks.pick(-1000, 1000)) / 64;
    }
    expect_class("parameter-ignored", sgd, [](const Case& c, Backend&) {
        HostTensor w = c.inputs[0], v = c.inputs[1];
        for (std::size_t i = 0; i < 40; ++i) {
            v.fp32()[i] = std::fma(0.875f, v.fp32()[i], c.inputs[2].fp32()[i]);
            w.fp32()[i] = std::fma(-0.1f, v.fp32()[i], w.fp32()[i]);
        }
        return std::vector{w, v};
    });
}

// --- no class

TEST(TriageClass, NoneOfTheKnown) {
    const triage::Triage triage = test::triage_with(conv(), golden_then([](std::vector<HostTensor>& outputs) {
                                                        for (std::int64_t i = 3; i < outputs[0].elements(); i += 11) {
                                                            outputs[0].flip_bit(i, static_cast<int>(i % 20));
                                                        }
                                                    }));
    EXPECT_TRUE(triage.diagnoses.empty()) << text_of(triage);
    EXPECT_NE(text_of(triage).find("class: none of the known"), std::string::npos);
}

/// Two bugs: what one of them explains is told as a part.
TEST(TriageClass, PartsOfTheDifferences) {
    Gemm swapped;
    swapped.b = [](const Case& c, std::int64_t k, std::int64_t n) { return Gemm{}.b(c, k ^ 1, n); };
    const Answer both = [swapped](const Case& c, Backend& golden) {
        std::vector<HostTensor> outputs = swapped(c, golden);
        outputs[0].fp32()[7] = 17.0f;
        return outputs;
    };
    triage::TriageOptions options;
    options.shrink.most_runs = 0;
    const triage::Triage triage = test::triage_with(test::gemm_case(5, 6, 20, Policy::exact), both, options);
    ASSERT_FALSE(triage.diagnoses.empty());
    EXPECT_EQ(triage.diagnoses[0].class_name, "pairs-swapped");
    EXPECT_NEAR(triage.diagnoses[0].explained, 29.0 / 30, 1e-9);
    EXPECT_NE(text_of(triage).find("explains 96.7% of the differences"), std::string::npos) << text_of(triage);
}

}  // namespace
}  // namespace dfp16
