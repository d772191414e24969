// Triage: kernels with a known bug are given its class, differences are put into words, and cases shrink to the
// smallest.
#include "vectors/triage/triage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "reference/compare.h"
#include "reference/interface/host_plan.h"
#include "sim/types/error.h"
#include "tests/cli_helpers.h"
#include "vectors/kernel_fault.h"
#include "vectors/mutants/mutant_backend.h"
#include "vectors/suite.h"
#include "vectors/triage/patterns.h"

namespace dfp16 {
namespace {

constexpr TriageOptions kNoShrinking = {{0, 0.0}};

/// Answers with a function of the case.
class Answering : public Backend {
public:
    using Answer = std::function<std::vector<HostTensor>(const Case&)>;
    explicit Answering(Answer answer) : answer_(std::move(answer)) {}
    std::string name() const override { return "fast"; }
    std::string isa() const override { return "faulty"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        class AnsweringPlan : public HostPlan {
        public:
            AnsweringPlan(const Graph& its_graph, const Answer& answer) : HostPlan(its_graph), answer_(answer) {}
            void run(std::size_t segment, const RunContext& context) override {
                const Operation& op = operation(segment);
                Case asked;
                for (std::size_t i = 0; i < op.inputs.size(); ++i) asked.inputs.push_back(input(op, i));
                for (std::size_t i = 0; i < op.outputs.size(); ++i) asked.outputs.push_back(output(op, i));
                static_cast<CaseHeader&>(asked) = header_of(op.kind, op.params, context, asked.inputs, asked.outputs);
                const std::vector<HostTensor> answer = answer_(asked);
                for (std::size_t i = 0; i < op.outputs.size(); ++i) output(op, i) = answer[i];
            }

        private:
            const Answer& answer_;
        };
        return std::make_unique<AnsweringPlan>(graph, answer_);
    }

private:
    Answer answer_;
};

bool differ(const std::vector<HostTensor>& a, const std::vector<HostTensor>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (compare(a[i], b[i])) return true;
    }
    return false;
}

Triage triage_of(const Case& failed, Backend& kernel, const TriageOptions& options = kNoShrinking) {
    const auto golden = make_golden_backend(1);
    return triage(failed, run(failed, *golden), run(failed, kernel), "bits", kernel, *golden, options);
}

/// The classes that the first failing cases of a suite are given.
std::vector<std::string> classes_given(const std::string& suite_name, mutants::Bug bug, std::size_t most = 6) {
    const auto golden = make_golden_backend(1);
    const Suite suite = make_suite(suite_name, 1);
    std::vector<std::string> classes;
    for (std::size_t i = 0; i < suite.size() && classes.size() < most; ++i) {
        const Case made = suite.make(i, 1);
        const auto mutant = mutants::make_mutant_backend(bug);
        if (!differ(run(made, *golden), run(made, *mutant))) continue;
        const Triage found = triage_of(made, *mutant);
        const bool complete = !found.diagnoses.empty() && found.diagnoses[0].explained >= 1;
        classes.push_back(complete ? found.diagnoses[0].class_name : "none");
    }
    return classes;
}

TEST(Triage, MutantsAreGivenTheirClass) {
    using mutants::Bug;
    const struct {
        const char* suite;
        Bug bug;
        const char* expected;
    } kKnown[] = {
        {"dfp", Bug::quantize_ties_away, "wrong rounding mode"},
        {"dfp", Bug::down_convert_ties_away, "wrong rounding mode"},
        {"dfp", Bug::multiply_truncates, "wrong rounding mode"},
        {"concat", Bug::concat_truncates, "wrong rounding mode"},
        {"gemm", Bug::exact_result_truncated, "wrong rounding mode"},
        {"gemm", Bug::exact_ties_away, "wrong rounding mode"},
        {"instructions", Bug::vpdpwssds_wraps, "wraps where it saturates"},
        {"gemm", Bug::saturate_wraps, "wraps where it saturates"},
        {"gemm", Bug::saturate_at_the_end, "wraps where it saturates"},
        {"gemm", Bug::exact_spill_to_fp32, "rounded accumulation"},
        {"gemm", Bug::chain_one_too_long, "wrong chain length"},
        {"gemm", Bug::output_exponent_of_one_operand, "wrong exponent"},
        {"gemm", Bug::gemm_pairs_swapped, "pairs swapped"},
        {"instructions", Bug::zero_mask_merges, "wrong masking"},
        {"gemm", Bug::gemm_drops_odd_k, "dropped tail"},
        {"conv", Bug::conv_forward_drops_last_odd_channel, "dropped tail"},
        {"conv", Bug::conv_forward_filter_flipped, "flipped filter"},
        {"conv", Bug::conv_forward_filter_transposed, "transposed layout"},
        {"conv", Bug::weight_gradient_last_image_missing, "dropped tail"},
    };
    for (const auto& [suite, bug, expected] : kKnown) {
        const std::vector<std::string> classes = classes_given(suite, bug);
        const std::string name = mutants::make_mutant_backend(bug)->isa();
        ASSERT_FALSE(classes.empty()) << name;
        for (const std::string& found : classes) EXPECT_EQ(found, expected) << name;
    }
}

TEST(Triage, MissingSpillIsFoundWhereSumsLeaveInt32) {
    const std::vector<std::string> classes = classes_given("gemm", mutants::Bug::exact_chains_of_64);
    EXPECT_GE(std::ranges::count(classes, "missing spill"), 3);
}

TEST(Triage, WrapThatSaturates) {
    const std::vector<std::string> classes = classes_given("gemm", mutants::Bug::wrap_saturates, 20);
    EXPECT_GE(std::ranges::count(classes, "saturates where it wraps"), 2);
}

Case gemm_case(Policy policy, std::int64_t M, std::int64_t N, std::int64_t K) {
    Case made;
    made.op = OpKind::gemm;
    made.name = "planted";
    made.params = GemmParams{M, N, K, {policy, 8}};
    std::int64_t value = 12345;
    for (const Operand& operand : operands_of(made).inputs) {
        made.inputs.emplace_back(operand.type, operand.shape);
        for (Mantissa& mantissa : made.inputs.back().mantissas()) {
            value = (value * 1103515245 + 12345) % 2147483648;
            mantissa.value = static_cast<std::int16_t>(value / 65536 % 16000 - 8000);
        }
    }
    return made;
}

/// A wrapping gemm, written out: `read_a` reads an element of a, `start` gives what a sum begins with.
std::vector<HostTensor> plain_gemm(const Case& asked, const std::function<std::int64_t(std::int16_t)>& read_a,
                                   bool clears = true) {
    const auto& p = std::get<GemmParams>(asked.params);
    HostTensor c = asked.outputs[0];
    c.exponent = {asked.inputs[0].exponent.value + asked.inputs[1].exponent.value};
    std::uint32_t sum = 0;
    for (std::int64_t m = 0; m < p.M; ++m) {
        for (std::int64_t n = 0; n < p.N; ++n) {
            if (clears) sum = 0;
            for (std::int64_t k = 0; k < p.K; ++k) {
                const std::int64_t a = read_a(asked.inputs[0].mantissas()[static_cast<std::size_t>(m * p.K + k)].value);
                const std::int64_t b = asked.inputs[1].mantissas()[static_cast<std::size_t>(k * p.N + n)].value;
                sum += static_cast<std::uint32_t>(a * b);
            }
            c.accumulators()[static_cast<std::size_t>(m * p.N + n)].value = static_cast<std::int32_t>(sum);
        }
    }
    return {c};
}

TEST(Triage, UnsignedOperandAndStaleAccumulator) {
    const Case made = gemm_case(Policy::wrap, 3, 5, 7);
    Answering sound([](const Case& c) { return plain_gemm(c, [](std::int16_t a) { return a; }); });
    Answering unsigned_a([](const Case& c) { return plain_gemm(c, [](std::int16_t a) { return a & 0xFFFF; }); });
    Answering stale([](const Case& c) {
        return plain_gemm(
            c, [](std::int16_t a) { return a; }, false);
    });
    const auto golden = make_golden_backend(1);
    ASSERT_FALSE(differ(run(made, *golden), run(made, sound))) << "the plain gemm itself is right";
    const Triage first = triage_of(made, unsigned_a);
    ASSERT_FALSE(first.diagnoses.empty());
    EXPECT_EQ(first.diagnoses[0].class_name, "unsigned for signed");
    EXPECT_EQ(first.diagnoses[0].words, "a is read as UINT16");
    const Triage second = triage_of(made, stale);
    ASSERT_FALSE(second.diagnoses.empty());
    EXPECT_EQ(second.diagnoses[0].class_name, "stale accumulator");
    EXPECT_EQ(second.diagnoses[0].words, "each sum goes on from the one before");
}

TEST(Triage, DisplacedPaddingAndMissingRelu) {
    const Suite conv = make_suite("conv", 1);
    const Case padded = conv.make(2, 1);  // 16 channels, 3x3, pad 1
    ASSERT_EQ(std::get<ConvParams>(padded.params).pad[0], 1);
    // Written by index: the image begins one row late.
    Answering late([](const Case& c) {
        const auto golden = make_golden_backend(1);
        Case moved = c;
        const auto& p = std::get<ConvParams>(c.params);
        for (std::int64_t i = 0; i < c.inputs[0].elements(); ++i) {
            const std::int64_t h = i / p.W % p.H;
            moved.inputs[0].mantissas()[static_cast<std::size_t>(i)] =
                h == 0 ? Mantissa{} : c.inputs[0].mantissas()[static_cast<std::size_t>(i - p.W)];
        }
        return run(moved, *golden);
    });
    const Triage displaced = triage_of(padded, late);
    ASSERT_FALSE(displaced.diagnoses.empty());
    EXPECT_EQ(displaced.diagnoses[0].class_name, "mis-padded");
    EXPECT_EQ(displaced.diagnoses[0].explained, 1);

    Case add;
    add.op = OpKind::add;
    add.params = AddParams{{2, Rounding::nearest_even, 0}, true};
    add.extent = Shape{6};
    for (int i = 0; i < 2; ++i) {
        add.inputs.emplace_back(ElementType::mantissa, Shape{6});
        for (std::size_t j = 0; j < 6; ++j)
            add.inputs[i].mantissas()[j].value = static_cast<std::int16_t>(100 * j - 250);
    }
    Answering no_relu([](const Case& c) {
        const auto golden = make_golden_backend(1);
        Case changed = c;
        std::get<AddParams>(changed.params).relu = false;
        return run(changed, *golden);
    });
    const Triage missing = triage_of(add, no_relu);
    ASSERT_FALSE(missing.diagnoses.empty());
    EXPECT_EQ(missing.diagnoses[0].class_name, "missing ReLU");
}

/// Patterns of a 2x20x3x3 output in which bit 0 of chosen elements is flipped.
std::vector<std::string> patterns_where(const std::function<bool(std::int64_t)>& chosen) {
    Case failed;
    failed.op = OpKind::conv_forward;
    failed.params = ConvParams{2, 1, 3, 3, 20, 1, 1, 3, 3, {1, 1}, {0, 0}, 1, {Policy::wrap, 64}};
    for (const Operand& operand : operands_of(failed).inputs) failed.inputs.emplace_back(operand.type, operand.shape);
    HostTensor expected(ElementType::accumulator, Shape{2, 20, 3, 3});
    for (std::int64_t i = 0; i < expected.elements(); ++i) {
        expected.accumulators()[static_cast<std::size_t>(i)].value = static_cast<std::int32_t>(2 * (i % 11) - 10);
    }
    HostTensor got = expected;
    for (std::int64_t i = 0; i < got.elements(); ++i) {
        if (chosen(i)) got.flip_bit(i, 0);
    }
    return patterns_of(failed, {expected}, {got});
}

TEST(Patterns, AreSaidInWords) {
    const auto has = [](const std::vector<std::string>& patterns, const std::string& words) {
        return std::ranges::any_of(patterns, [&](const std::string& p) { return p.find(words) != std::string::npos; });
    };
    const auto k_of = [](std::int64_t i) { return i / 9 % 20; };
    EXPECT_TRUE(has(patterns_where([](std::int64_t) { return true; }), "all elements"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t) { return true; }), "one unit too high"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i == 40; }),
                    "1 of 360 elements of y differ, the first at (0,4,1,1)"));
    EXPECT_TRUE(has(patterns_where([&](std::int64_t i) { return k_of(i) >= 16; }),
                    "only k 16 to 19, the tail behind blocks of 16"));
    EXPECT_TRUE(
        has(patterns_where([&](std::int64_t i) { return k_of(i) < 16; }), "only k 0 to 15, in one block of 16"));
    EXPECT_TRUE(has(patterns_where([&](std::int64_t i) { return k_of(i) % 2 == 1; }), "only odd k"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i / 3 % 3 == 0; }), "only p 0, the first"));
    EXPECT_TRUE(
        has(patterns_where([](std::int64_t i) { return i % 3 != 1; }), "only the first and last q, the border"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i >= 180; }), "only n 1, the last"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i % 16 == 5; }), "every 16th element, from 5 on"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i % 11 < 5; }), "only negative ones"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i % 11 == 5; }), "only zeros"));
    EXPECT_TRUE(has(patterns_where([](std::int64_t i) { return i >= 357; }), "only the last elements"));
}

/// Golden, with a flipped bit where the case has what the bug needs.
Answering faulty_where(const std::function<bool(const Case&)>& needs) {
    return Answering([needs](const Case& c) {
        const auto golden = make_golden_backend(1);
        std::vector<HostTensor> outputs = run(c, *golden);
        if (needs(c)) outputs[0].flip_bit(0, 1);
        return outputs;
    });
}

TEST(Shrink, ReachesTheSmallestCaseThatABugNeeds) {
    const TriageOptions options{{5000, 60.0}};
    const Case conv = make_suite("conv", 1).make(4, 1);  // 17 to 19 channels, 3x3
    Answering odd_channels = faulty_where([](const Case& c) { return std::get<ConvParams>(c.params).C % 2 == 1; });
    const auto odd = std::get<ConvParams>(triage_of(conv, odd_channels, options).smallest.params);
    EXPECT_EQ((std::array{odd.N, odd.C, odd.H, odd.W, odd.K, odd.R, odd.S}),
              (std::array<std::int64_t, 7>{1, 1, 1, 1, 1, 1, 1}));
    Answering many_outputs = faulty_where([](const Case& c) { return std::get<ConvParams>(c.params).K > 16; });
    const auto many = std::get<ConvParams>(triage_of(conv, many_outputs, options).smallest.params);
    EXPECT_EQ(many.K, 17);
    EXPECT_EQ(many.C * many.H * many.W, 1);

    Case gemm = gemm_case(Policy::exact, 5, 6, 9);
    gemm.inputs[0].mantissas()[31].value = -32767;
    Answering extreme = faulty_where([](const Case& c) {
        return std::ranges::any_of(c.inputs[0].mantissas(), [](Mantissa m) { return m.value == -32767; });
    });
    const Triage one = triage_of(gemm, extreme, options);
    EXPECT_EQ(one.smallest.inputs[0].shape, (Shape{1, 1}));
    EXPECT_EQ(one.smallest.inputs[0].mantissas()[0].value, -32767);
    EXPECT_EQ(one.smallest.inputs[1].mantissas()[0].value, 0);
    const Triage again = triage_of(gemm, extreme, options);
    EXPECT_EQ(text_of(again), text_of(one)) << "the same each time";
}

TEST(Shrink, AFaultStaysThatFault) {
    Answering crashing([](const Case& c) -> std::vector<HostTensor> {
        if (std::get<GemmParams>(c.params).K >= 3) throw KernelFault(FaultKind::crash, "signal 11");
        throw KernelFault(FaultKind::hang, "no answer");
    });
    const auto golden = make_golden_backend(1);
    const Case gemm = gemm_case(Policy::exact, 4, 4, 9);
    const Triage found = triage(gemm, run(gemm, *golden), {}, "crash", crashing, *golden, {});
    EXPECT_EQ(std::get<GemmParams>(found.smallest.params).K, 3);
    EXPECT_EQ(std::get<GemmParams>(found.smallest.params).M, 1);
    EXPECT_EQ(found.difference, "crash");
}

TEST(Triage, SmallestCaseIsAGoldenFileThatVerifies) {
    const test::TemporaryDirectory directory;
    const auto mutant = mutants::make_mutant_backend(mutants::Bug::gemm_pairs_swapped);
    const Triage found = triage_of(gemm_case(Policy::exact, 3, 3, 6), *mutant, {});
    const std::string path = directory.file("smallest.h5");
    write_smallest(found, path);
    const test::CommandResult result = test::dfp16("verify " + path + " --isa portable");
    EXPECT_EQ(result.status, 0) << result.err << result.out;
    EXPECT_NE(text_of(found).find("class: pairs swapped"), std::string::npos) << text_of(found);
}

}  // namespace
}  // namespace dfp16
