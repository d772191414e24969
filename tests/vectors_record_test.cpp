// Recorded training steps as golden files: every operation that a network has.
#include <gtest/gtest.h>

#include <set>

#include "fastpath/backend.h"
#include "reference/compare.h"
#include "reference/train.h"
#include "tests/training_helpers.h"
#include "tests/vectors_helpers.h"
#include "vectors/params_json.h"
#include "vectors/record_cases.h"
#include "vectors/verify.h"

namespace dfp16 {
namespace {

class Recorded : public testing::Test {
protected:
    void record(const Network& network, Rounding rounding = Rounding::nearest_even) {
        const auto golden = make_golden_backend(2);
        CaseRecorder recorder(path_, "record", 1);
        Record record(*golden, {.steps = {1}}, [&](const RecordedOperation& recorded) { recorder.add(recorded); });
        TrainOptions options;
        options.graph.batch = 3;
        options.steps = 2;
        options.graph.rounding = rounding;
        TrainResult result;
        train(network, test::synthetic_for(network), record, *golden, options, {}, result);
        recorder.commit();
    }
    std::set<OpKind> operations() const {
        std::set<OpKind> found;
        for (const Case& c : test::read_file(path_)) found.insert(c.op);
        return found;
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_.file("steps.h5");
};

TEST_F(Recorded, EveryOperationOfANetworkIsACaseThatAllAgreeOn) {
    record(test::small_resnet());
    std::set<OpKind> found = operations();
    record(test::small_cnn());
    found.merge(operations());
    for (int kind = static_cast<int>(OpKind::conv_forward); kind <= static_cast<int>(OpKind::sgd_update); ++kind) {
        const auto op = static_cast<OpKind>(kind);
        if (op == OpKind::batch_norm_inference) continue;  // no part of a training step
        EXPECT_TRUE(found.contains(op)) << name_of(op);
    }
    const auto golden = make_golden_backend(2);
    const auto kernel = fast::make_backend(fast::isa_of("auto"), 2);
    const VerifyReport report = verify_file(path_, *golden, {kernel.get()}, {});
    EXPECT_GT(report.backends[1].cases, 30);
    for (const Mismatch& mismatch : report.mismatches) ADD_FAILURE() << text_of(mismatch);
}

TEST_F(Recorded, StochasticRoundingKeepsItsStream) {
    record(test::small_cnn(), Rounding::stochastic);
    const auto golden = make_golden_backend(1);
    const VerifyReport report = verify_file(path_, *golden, {}, {});
    EXPECT_TRUE(report.mismatches.empty());
    int stochastic = 0;
    for (const Case& c : test::read_file(path_)) {
        if (params_to_json(c).find("\"stochastic\"") == std::string::npos) continue;
        EXPECT_EQ(c.context.step, 1u);
        ++stochastic;
    }
    EXPECT_GT(stochastic, 5);
}

/// An input that is updated in place is stored as it was before.
TEST_F(Recorded, UpdatesInPlaceAreFoundWhenWrong) {
    record(test::small_cnn());
    std::vector<Case> cases = test::read_file(path_);
    std::erase_if(cases, [](const Case& c) { return c.op != OpKind::sgd_update; });
    ASSERT_FALSE(cases.empty());
    EXPECT_TRUE(compare(cases[0].inputs[0], cases[0].outputs[0])) << "the update changed nothing";
    cases[0].outputs[1].flip_bit(2, 9);
    test::write_file(path_, cases);
    const auto golden = make_golden_backend(1);
    const VerifyReport report = verify_file(path_, *golden, {}, {});
    ASSERT_EQ(report.mismatches.size(), 1u);
    EXPECT_EQ(report.mismatches[0].difference.find("v at "), 0u) << report.mismatches[0].difference;
}

}  // namespace
}  // namespace dfp16
