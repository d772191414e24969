// What hypotheses change parts of is golden, to the last bit, while nothing is changed.
#include "tests/triage_helpers.h"
#include "vectors/suite.h"
#include "vectors/triage/dfp_model.h"
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/pool_model.h"
#include "vectors/triage/sum_model.h"

namespace dfp16 {
namespace {

/// Calls check(case, golden's first output) for every case of a suite that `wanted` takes; some must be there.
void for_each_case(const std::vector<std::string>& suites, bool (*wanted)(OpKind),
                   const std::function<void(const Case&, const HostTensor&)>& check) {
    const auto golden = make_golden_backend(1);
    std::size_t cases = 0;
    for (const std::string& name : suites) {
        const Suite suite = make_suite(name, 1);
        for (std::size_t number = 0; number < suite.size(); number += 2) {
            const Case made = suite.make(number, 1);
            if (!wanted(made.op)) continue;
            SCOPED_TRACE(made.name);
            check(made, run(made, *golden)[0]);
            ++cases;
        }
    }
    EXPECT_GT(cases, 20u);
}

void expect_sums(const Case& made, const HostTensor& expected) {
    const triage::SumModel model = triage::contract_model(made);
    const triage::Sums sums(made, model);
    for (std::int64_t i = 0; i < expected.elements(); ++i) ASSERT_EQ(sums.bits(i), expected.bits(i)) << i;
}

TEST(TriageModel, SumsAreGolden) {
    for_each_case(
        {"gemm", "conv", "instructions"}, [](OpKind) { return true; }, expect_sums);
}

TEST(TriageModel, FullyConnectedSumsAreGolden) {
    const auto golden = make_golden_backend(1);
    for (const OpKind op : {OpKind::fc_forward, OpKind::fc_backward_data, OpKind::fc_weight_gradient}) {
        for (const Policy policy : {Policy::exact, Policy::chain, Policy::wrap, Policy::saturate}) {
            Case made;
            made.op = op;
            made.params = FcParams{5, 18, 7, {policy, 2}};
            made.extent = Shape{5, 2, 3, 3};
            made = test::random_case(made, 32767);
            expect_sums(made, run(made, *golden)[0]);
        }
    }
}

TEST(TriageModel, RoundingIsGolden) {
    for_each_case({"dfp", "concat", "pool"}, triage::rounds_to_dfp, [](const Case& made, const HostTensor& expected) {
        const triage::DfpModel model = triage::contract_model(made, triage::rounding_of(made.params));
        EXPECT_FALSE(triage::outcome_of({expected}, {output_under(made, model)}).fails());
    });
}

TEST(TriageModel, PoolingIsGolden) {
    for_each_case({"pool"}, triage::has_pool_model, [](const Case& made, const HostTensor& expected) {
        triage::PoolModel model;
        model.geometry = triage::window_geometry(made);
        const auto output = output_under(made, model);
        ASSERT_TRUE(output.has_value());
        EXPECT_FALSE(triage::outcome_of({expected}, {*output}).fails());
    });
}

}  // namespace
}  // namespace dfp16
