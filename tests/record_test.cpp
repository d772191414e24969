// Record: the cases of chosen steps and layers, as they ran.
#include "reference/record.h"

#include <gtest/gtest.h>

#include "fastpath/backend.h"
#include "sim/types/error.h"
#include "tests/training_helpers.h"

namespace dfp16 {
namespace {

TEST(Record, GivesChosenStepsAndLayersOnly) {
    const auto golden = make_golden_backend(1);
    std::vector<std::string> seen;
    Record record(*golden, {.steps = {1}, .layers = "conv*"}, [&](const RecordedOperation& recorded) {
        EXPECT_EQ(recorded.context.step, 1u);
        EXPECT_EQ(recorded.inputs.size(), recorded.operation.inputs.size());
        EXPECT_EQ(recorded.outputs.size(), recorded.operation.outputs.size());
        seen.push_back(recorded.operation.layer + ":" + name_of(recorded.operation.kind));
        if (recorded.operation.kind == OpKind::sgd_update) {
            EXPECT_NE(recorded.inputs[0].data, recorded.outputs[0].data)
                << "the weights before the update, not after it";
        }
    });
    const Network network = test::small_cnn();
    TrainOptions options{.graph = {.batch = 4}, .steps = 3};
    TrainResult result;
    train(network, test::synthetic_for(network), record, *golden, options, {}, result);
    EXPECT_GT(seen.size(), 8u);
    for (const std::string& name : seen) EXPECT_EQ(name.substr(0, 4), "conv");
}

TEST(Record, RejectsABackendThatFuses) {
    const auto fused = fast::make_backend(fast::isa_of("auto"), 1);
    Record record(*fused, {.steps = {0}}, [](const RecordedOperation&) {});
    const StepGraph step = training_graph(test::small_cnn(), {.batch = 2});
    EXPECT_THROW(record.prepare(step.graph, {}), InputError);
}

TEST(Record, PatternsMatchWholeNames) {
    EXPECT_TRUE(matches("*", "conv1"));
    EXPECT_TRUE(matches("conv*", "conv1"));
    EXPECT_TRUE(matches("stage*.conv1", "stage1.block1.conv1"));
    EXPECT_FALSE(matches("conv", "conv1"));
    EXPECT_FALSE(matches("stage*.conv1", "stage1.block1.conv2"));
    EXPECT_TRUE(matches("conv1", "conv1"));
}

}  // namespace
}  // namespace dfp16
