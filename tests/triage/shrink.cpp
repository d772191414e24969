// Shrinking reaches the smallest case of planted bugs that are known to have one.
#include <algorithm>

#include "sim/types/error.h"
#include "tests/triage_helpers.h"
#include "vectors/suite.h"

namespace dfp16 {
namespace {

using test::Answer;
using triage::OutcomeKind;
using triage::Shrunken;

/// Golden, but for a changed bit wherever `fails` says so.
Answer fails_if(const std::function<bool(const Case&)>& fails) {
    return [fails](const Case& inputs, Backend& golden) {
        std::vector<HostTensor> outputs = run(inputs, golden);
        if (fails(inputs)) outputs[0].flip_bit(0, 0);
        return outputs;
    };
}

Shrunken shrink_with(const Case& failing, const Answer& answer, const triage::ShrinkOptions& options = {}) {
    test::PlantedKernel kernel(answer);
    const auto golden = make_golden_backend(1);
    Case with_outputs = failing;
    with_outputs.outputs = run(failing, *golden);
    const triage::Outcome outcome = triage::outcome_of(failing, with_outputs.outputs, kernel);
    EXPECT_TRUE(outcome.fails());
    return triage::shrink(with_outputs, outcome, kernel, *golden, options);
}

std::vector<std::int64_t> nonzero(const HostTensor& tensor) {
    std::vector<std::int64_t> values;
    for (const Mantissa m : tensor.mantissas()) {
        if (m.value != 0) values.push_back(m.value);
    }
    return values;
}

int largest(const HostTensor& tensor) {
    int value = 0;
    for (const Mantissa m : tensor.mantissas()) value = std::max<int>(value, m.value);
    return value;
}

const ConvParams kConv{3, 21, 9, 8, 10, 3, 3, 0, 0, {2, 2}, {1, 1}, 1, {Policy::exact, 64}};

TEST(TriageShrink, OddChannels) {
    const Case failing = test::conv_case(OpKind::conv_forward, kConv);
    const Shrunken shrunken =
        shrink_with(failing, fails_if([](const Case& c) { return std::get<ConvParams>(c.params).C % 2 == 1; }));
    const ConvParams smallest{1, 1, 1, 1, 1, 1, 1, 1, 1, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
    EXPECT_EQ(std::get<ConvParams>(shrunken.smallest.params), smallest);
    EXPECT_TRUE(shrunken.complete);
}

TEST(TriageShrink, ManyOutputChannels) {
    for (const OpKind op : {OpKind::conv_forward, OpKind::conv_backward_data, OpKind::conv_weight_gradient}) {
        ConvParams params = kConv;
        params.K = 40;
        const Shrunken shrunken = shrink_with(
            test::conv_case(op, params), fails_if([](const Case& c) { return std::get<ConvParams>(c.params).K > 16; }));
        const ConvParams smallest{1, 1, 1, 1, 17, 1, 1, 1, 1, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        EXPECT_EQ(std::get<ConvParams>(shrunken.smallest.params), smallest) << name_of(op);
    }
}

TEST(TriageShrink, GroupsAndPadding) {
    ConvParams params = kConv;
    params.C = 12;
    params.K = 8;
    params.groups = 4;
    const Shrunken shrunken = shrink_with(test::conv_case(OpKind::conv_forward, params), fails_if([](const Case& c) {
                                              const auto& p = std::get<ConvParams>(c.params);
                                              return p.groups > 1 && p.pad[1] > 0 && p.stride[0] > 1;
                                          }));
    const auto& p = std::get<ConvParams>(shrunken.smallest.params);
    EXPECT_EQ(p.groups, 2);
    EXPECT_EQ(p.C, 2);
    EXPECT_EQ(p.K, 2);
    EXPECT_EQ(p.stride, (std::array<std::int64_t, 2>{2, 1}));
    EXPECT_EQ(p.pad, (std::array<std::int64_t, 2>{0, 1}));
}

TEST(TriageShrink, OneMantissa) {
    Case failing = test::gemm_case(7, 9, 33, Policy::exact);
    failing.inputs[1].mantissas()[133].value = -32767;
    failing.inputs[0].exponent = {-7};
    const Shrunken shrunken =
        shrink_with(failing, fails_if([](const Case& c) {
                        const auto& b = c.inputs[1].mantissas();
                        return std::any_of(b.begin(), b.end(), [](Mantissa m) { return m.value == -32767; });
                    }));
    EXPECT_EQ(std::get<GemmParams>(shrunken.smallest.params), (GemmParams{1, 1, 1, {Policy::exact, 64}}));
    EXPECT_EQ(nonzero(shrunken.smallest.inputs[0]), std::vector<std::int64_t>{});
    EXPECT_EQ(nonzero(shrunken.smallest.inputs[1]), std::vector<std::int64_t>{-32767});
    EXPECT_EQ(shrunken.smallest.inputs[0].exponent.value, 0);
}

TEST(TriageShrink, ValuesBeyondALimit) {
    const Case failing = test::gemm_case(3, 4, 10, Policy::wrap);
    const Shrunken shrunken =
        shrink_with(failing, fails_if([](const Case& c) {
                        const auto& a = c.inputs[0].mantissas();
                        return std::any_of(a.begin(), a.end(), [](Mantissa m) { return m.value > 1000; });
                    }));
    EXPECT_EQ(nonzero(shrunken.smallest.inputs[0]), std::vector<std::int64_t>{1001});
}

TEST(TriageShrink, Chain) {
    const Case failing = test::gemm_case(3, 4, 70, Policy::chain, 8);
    const Shrunken shrunken = shrink_with(failing, fails_if([](const Case& c) {
                                              const auto& p = std::get<GemmParams>(c.params);
                                              return p.K > 2 * p.accumulation.chain;
                                          }));
    const auto& p = std::get<GemmParams>(shrunken.smallest.params);
    EXPECT_EQ(p.K, 3);
    EXPECT_EQ(p.accumulation.chain, 1);
}

TEST(TriageShrink, FullyConnectedBecomesAMatrix) {
    Case failing;
    failing.op = OpKind::fc_forward;
    failing.params = FcParams{4, 24, 5, {Policy::exact, 64}};
    failing.extent = Shape{4, 6, 2, 2};
    const Shrunken shrunken = shrink_with(test::random_case(failing, 100),
                                          fails_if([](const Case& c) { return std::get<FcParams>(c.params).C > 3; }));
    EXPECT_EQ(shrunken.smallest.extent, (Shape{1, 4}));
}

/// Every operation of the suites: a kernel that is always wrong ends with the smallest sizes, whatever they are, and
/// golden takes them.
TEST(TriageShrink, EveryOperationHasSizes) {
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        std::vector<OpKind> seen;
        for (std::size_t number = 0; number < suite.size(); number += 7) {
            const Case made = suite.make(number, 1);
            if (std::find(seen.begin(), seen.end(), made.op) != seen.end()) continue;
            seen.push_back(made.op);
            if (operands_of(made).outputs[0].shape.elements() > 4096) continue;
            SCOPED_TRACE(std::string(name_of(made.op)) + " " + made.name);
            const Shrunken shrunken = shrink_with(made, fails_if([](const Case&) { return true; }));
            EXPECT_TRUE(shrunken.complete);
            EXPECT_LE(operands_of(shrunken.smallest).outputs[0].shape.elements(), is_instruction(made.op) ? 16 : 1);
            for (const HostTensor& input : shrunken.smallest.inputs) {
                const bool mantissas = input.type() == ElementType::mantissa;
                EXPECT_TRUE(!mantissas || nonzero(input).empty());
            }
        }
    }
}

TEST(TriageShrink, AFaultStaysTheSameFault) {
    const Answer answer = [](const Case& inputs, Backend& golden) {
        const auto& p = std::get<GemmParams>(inputs.params);
        if (p.K < 5) throw KernelFault(FaultKind::outside_access, "reads before a");
        if (p.M > 2) throw KernelFault(FaultKind::crash, "signal 11");
        return run(inputs, golden);
    };
    const Shrunken shrunken = shrink_with(test::gemm_case(9, 9, 9, Policy::exact), answer);
    EXPECT_EQ(shrunken.outcome.kind, OutcomeKind::fault);
    EXPECT_EQ(shrunken.outcome.fault, FaultKind::crash);
    EXPECT_EQ(std::get<GemmParams>(shrunken.smallest.params), (GemmParams{3, 1, 5, {Policy::exact, 64}}));
}

TEST(TriageShrink, UnsupportedIsNoFailure) {
    const Answer answer = [](const Case& inputs, Backend& golden) {
        if (std::get<GemmParams>(inputs.params).M == 1) throw UnsupportedOperation("M = 1");
        return fails_if([](const Case&) { return true; })(inputs, golden);
    };
    const Shrunken shrunken = shrink_with(test::gemm_case(8, 2, 2, Policy::exact), answer);
    EXPECT_EQ(std::get<GemmParams>(shrunken.smallest.params).M, 2);
}

TEST(TriageShrink, BoundsAreKept) {
    int runs = 0;
    const Answer answer = [&runs](const Case& inputs, Backend& golden) {
        ++runs;
        return fails_if([](const Case& c) { return std::get<GemmParams>(c.params).K > 20; })(inputs, golden);
    };
    triage::ShrinkOptions options;
    options.most_runs = 10;
    std::int64_t told = 0;
    options.progress = [&](std::int64_t done, std::int64_t) { told = done; };
    const Shrunken shrunken = shrink_with(test::gemm_case(20, 20, 100, Policy::exact), answer, options);
    EXPECT_FALSE(shrunken.complete);
    EXPECT_EQ(shrunken.runs, 10);
    EXPECT_EQ(runs, 11);  // one made the failure
    EXPECT_EQ(told, 10);
    options.most_runs = 1000;
    options.most_seconds = 0;
    EXPECT_EQ(shrink_with(test::gemm_case(20, 20, 100, Policy::exact), answer, options).runs, 0);
}

TEST(TriageShrink, IsDeterministic) {
    const Case failing = test::conv_case(OpKind::conv_weight_gradient, kConv);
    const auto once = [&] {
        return shrink_with(failing,
                           fails_if([](const Case& c) { return largest(c.inputs[0]) + largest(c.inputs[1]) > 9000; }));
    };
    const Shrunken one = once(), other = once();
    EXPECT_EQ(one.runs, other.runs);
    EXPECT_EQ(one.smallest.params, other.smallest.params);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(one.smallest.inputs[i].mantissas(), other.smallest.inputs[i].mantissas());
    }
}

}  // namespace
}  // namespace dfp16
