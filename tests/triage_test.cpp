// Triage as a whole: from a planted bug to text, a file with the smallest case, and a command. Its parts are in
// triage/.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/triage_helpers.h"
#include "tests/vectors_helpers.h"

namespace dfp16 {
namespace {

using test::Answer;
using triage::Triage;

/// A GEMM that wraps one INT32 sum for policy exact.
std::vector<HostTensor> never_spills(const Case& inputs, Backend& golden) {
    Case changed = inputs;
    std::get<GemmParams>(changed.params).accumulation.policy = Policy::wrap;
    const HostTensor sums = run(changed, golden)[0];
    HostTensor c(ElementType::fp32, sums.shape);
    for (std::size_t i = 0; i < c.fp32().size(); ++i) {
        c.fp32()[i] = std::ldexp(static_cast<float>(sums.accumulators()[i].value), sums.exponent.value);
    }
    return {c};
}

TEST(Triage, ReportsPatternClassAndSmallestCase) {
    const Case failing = test::gemm_case(12, 7, 200, Policy::exact, 64, 32767);
    const Triage triage = test::triage_with(failing, never_spills);
    ASSERT_FALSE(triage.diagnoses.empty());
    EXPECT_EQ(triage.diagnoses[0].class_name, "missing-spill");
    EXPECT_EQ(triage.diagnoses[0].explained, 1.0);
    const std::string text = text_of(triage);
    EXPECT_NE(text.find("class: missing-spill"), std::string::npos) << text;
    EXPECT_NE(text.find("exactly where the sum itself is outside INT32"), std::string::npos) << text;
    EXPECT_NE(text.find("smallest case: gemm {\"M\":1,\"N\":1,\"K\":"), std::string::npos) << text;
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 12) << text;
    EXPECT_LE(std::get<GemmParams>(triage.shrunken.smallest.params).K, 4);
}

TEST(Triage, TheSmallestCaseIsAGoldenFile) {
    const Triage triage = test::triage_with(test::gemm_case(12, 7, 200, Policy::exact, 64, 32767), never_spills);
    const test::TemporaryDirectory directory;
    write_case(directory.file("small.h5"), triage, "test");
    const GoldenReader reader(directory.file("small.h5"));
    EXPECT_EQ(reader.header().suite, "triage");
    ASSERT_EQ(reader.cases(), 1);
    const Case read = reader.read(0);
    const auto golden = make_golden_backend(1);
    const std::vector<HostTensor> expected = run(read, *golden);
    EXPECT_FALSE(triage::outcome_of(expected, read.outputs).fails());
    test::PlantedKernel kernel(never_spills);
    EXPECT_EQ(triage::outcome_of(read, expected, kernel).kind, triage::OutcomeKind::mismatch);
}

TEST(Triage, CommandQuotesThePath) {
    EXPECT_EQ(triage::reproduce_command("a.h5", "--kernel ./x.so"), "dfp16 verify a.h5 --case 0 --kernel ./x.so");
    EXPECT_EQ(triage::reproduce_command("it's.h5", ""), "dfp16 verify 'it'\\''s.h5' --case 0");
}

TEST(Triage, LargeCasesAreDiagnosedOnASmallerOne) {
    triage::TriageOptions options;
    options.most_products = 3000;
    const Triage triage =
        test::triage_with(test::gemm_case(12, 7, 200, Policy::exact, 64, 32767), never_spills, options);
    EXPECT_NE(triage.diagnosed_on, "");
    ASSERT_FALSE(triage.diagnoses.empty());
    EXPECT_EQ(triage.diagnoses[0].class_name, "missing-spill");
}

/// Cases of every operation and class of values: whatever a kernel answers is taken apart without an error, and text
/// and file come out.
TEST(Triage, TakesEveryCaseOfTheSuites) {
    const test::TemporaryDirectory directory;
    triage::TriageOptions options;
    options.shrink.most_runs = 20;
    std::size_t cases = 0;
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        for (std::size_t number = 0; number < suite.size(); number += 9, ++cases) {
            const Case failing = suite.make(number, 1);
            SCOPED_TRACE(name + ": " + failing.name);
            const Triage triage = test::triage_with(
                failing,
                [](const Case& inputs, Backend& golden) {
                    std::vector<HostTensor> outputs = run(inputs, golden);
                    for (HostTensor& output : outputs) {
                        for (std::int64_t i = 0; i < output.elements(); i += 3)
                            output.flip_bit(i, static_cast<int>(i % 15));
                    }
                    return outputs;
                },
                options);
            EXPECT_FALSE(triage.patterns.empty());
            EXPECT_NE(text_of(triage).find("smallest case"), std::string::npos);
            if (number != 0) continue;
            write_case(directory.file(name), triage, "test");
            EXPECT_EQ(GoldenReader(directory.file(name)).read(0).op, failing.op);
        }
    }
    EXPECT_GT(cases, 100u);
}

TEST(Triage, AFaultIsShrunkenOnly) {
    const Answer answer = [](const Case& inputs, Backend& golden) {
        if (std::get<GemmParams>(inputs.params).K > 6) throw KernelFault(FaultKind::hang, "no answer within 1 s");
        return run(inputs, golden);
    };
    const Triage triage = test::triage_with(test::gemm_case(4, 4, 30, Policy::exact), answer);
    EXPECT_TRUE(triage.diagnoses.empty());
    EXPECT_TRUE(triage.patterns.empty());
    EXPECT_EQ(std::get<GemmParams>(triage.shrunken.smallest.params).K, 7);
    EXPECT_NE(text_of(triage).find("hang: no answer within 1 s"), std::string::npos) << text_of(triage);
}

}  // namespace
}  // namespace dfp16
