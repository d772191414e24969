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

/// Two branches, LRN, dropout, and a second loss: what GoogLeNet and AlexNet have and the other small networks lack.
Network small_inception() {
    Network network{.name = "inception", .input = {2, 11, 11, 4}, .layers = {}};
    network.layers = {
        {.name = "conv1",
         .type = LayerType::conv,
         .channels = 6,
         .kernel = {3, 3},
         .pad = {1, 1},
         .bias = true,
         .relu = true},
        {.name = "pool1", .type = LayerType::max_pool, .kernel = {3, 3}, .stride = {2, 2}, .size = SizeRounding::ceil},
        {.name = "norm1", .type = LayerType::lrn},
        {.name = "left", .type = LayerType::conv, .inputs = {"norm1"}, .channels = 5, .bias = true, .relu = true},
        {.name = "right",
         .type = LayerType::conv,
         .inputs = {"norm1"},
         .channels = 4,
         .kernel = {3, 3},
         .pad = {1, 1},
         .bias = true,
         .relu = true},
        {.name = "mixed", .type = LayerType::concat, .inputs = {"left", "right"}},
        {.name = "aux_fc", .type = LayerType::fc, .inputs = {"mixed"}, .channels = 4, .bias = true, .auxiliary = true},
        {.name = "aux_loss", .type = LayerType::loss, .auxiliary = true, .weight = 0.3f},
        {.name = "pool2",
         .type = LayerType::average_pool,
         .inputs = {"mixed"},
         .kernel = {2, 2},
         .stride = {2, 2},
         .size = SizeRounding::ceil},
        {.name = "drop", .type = LayerType::dropout, .rate = 0.4f},
        {.name = "fc", .type = LayerType::fc, .channels = 4, .bias = true},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

class Recorded : public testing::Test {
protected:
    void record(const Network& network, Rounding rounding = Rounding::nearest_even,
                const std::vector<std::string>& fp32_layers = {}) {
        const auto golden = make_golden_backend(2);
        CaseRecorder recorder(path_, "record", 1);
        Record record(*golden, {.steps = {1}}, [&](const RecordedOperation& recorded) { recorder.add(recorded); });
        TrainOptions options;
        options.graph.batch = 3;
        options.steps = 2;
        options.graph.rounding = rounding;
        options.graph.fp32_layers = fp32_layers;
        TrainResult result;
        train(network, test::synthetic_for(network), record, *golden, options, {}, result);
        recorder.commit();
    }
    std::set<OpKind> operations() const {
        std::set<OpKind> found;
        for (const Case& c : test::read_file(path_)) found.insert(c.op);
        return found;
    }

    void expect_agreement() const {
        const auto golden = make_golden_backend(2);
        const auto kernel = fast::make_backend(fast::isa_of("auto"), 2);
        const VerifyReport report = verify_file(path_, *golden, {kernel.get()}, {});
        EXPECT_GT(report.backends[1].cases, 30);
        for (const Mismatch& mismatch : report.mismatches) ADD_FAILURE() << text_of(mismatch);
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_.file("steps.h5");
};

TEST_F(Recorded, EveryOperationOfANetworkIsACaseThatAllAgreeOn) {
    std::set<OpKind> found;
    for (const Network& network : {test::small_resnet(), small_inception(), test::small_cnn()}) {
        record(network);
        found.merge(operations());
        expect_agreement();
    }
    for (int kind = static_cast<int>(OpKind::conv_forward); kind <= static_cast<int>(OpKind::sgd_update); ++kind) {
        const auto op = static_cast<OpKind>(kind);
        if (op == OpKind::batch_norm_inference) continue;  // no part of a training step
        EXPECT_TRUE(found.contains(op)) << name_of(op);
    }
}

/// Layers in FP32 between layers in INT16: gradients of either type on both sides.
TEST_F(Recorded, MixedPrecisionIsRecordedToo) {
    record(small_inception(), Rounding::nearest_even, {"right", "fc"});
    expect_agreement();
    std::set<std::string> found;
    for (const Case& c : test::read_file(path_)) {
        const std::string params = params_to_json(c);
        for (const char* part : {R"("policy":"fma")", R"("type":"fp32","y_type":"int16")", R"("weight":3E-1)"})
            if (params.find(part) != std::string::npos) found.insert(part);
        if (c.op == OpKind::bias_gradient) found.insert(std::string("bias of ") + name_of(c.element));
    }
    EXPECT_TRUE(found.contains(R"("policy":"fma")"));
    EXPECT_TRUE(found.contains("bias of fp32"));
    EXPECT_TRUE(found.contains("bias of int16"));
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
