// Networks and the graphs that are built from them.
#include "reference/step_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/types/error.h"
#include "tests/training_helpers.h"

namespace dfp16 {
namespace {

std::int64_t total(const Network& network, std::int64_t (*of)(const ResolvedLayer&)) {
    std::int64_t sum = 0;
    for (const ResolvedLayer& layer : resolve(network, 1)) sum += of(layer);
    return sum;
}

TEST(Networks, HaveThePublishedSizes) {
    const Network lenet = network_of("lenet5", {});
    EXPECT_EQ(total(lenet, parameters_of), 61706);  // LeCun et al. 1998 with full connections in C3
    EXPECT_EQ(total(lenet, macs_of), 416520);
    const Network resnet20 = network_of("resnet20", {3, 32, 32, 10});
    EXPECT_NEAR(static_cast<double>(total(resnet20, parameters_of)), 0.27e6, 0.005e6);  // He et al. 2015, table 6
    EXPECT_NEAR(static_cast<double>(total(resnet20, macs_of)), 40.8e6, 0.5e6);
}

TEST(Networks, RejectUnknownNamesAndSizesThatDoNotFit) {
    EXPECT_THROW(network_of("lenet6", {}), InputError);
    EXPECT_THROW(resolve(network_of("lenet5", {1, 4, 4, 10}), 1), InputError);
    Network twice = test::small_cnn();
    twice.layers[1].name = "conv1";
    EXPECT_THROW(resolve(twice, 1), InputError);
    Network unknown = test::small_cnn();
    unknown.layers[1].inputs = {"nothing"};
    EXPECT_THROW(resolve(unknown, 1), InputError);
}

TEST(StepGraph, NoTransientCrossesASegment) {
    for (const Network& network : {test::small_cnn(), test::small_resnet(), network_of("resnet8", {})}) {
        const StepGraph step = training_graph(network, {.batch = 2});
        const std::vector<Segment> segments = segments_of(step.graph);
        std::size_t next = 0;
        for (const Segment segment : segments) {
            EXPECT_EQ(segment.first, next);
            next += segment.count;
            for (const TensorId id : inputs_of(step.graph, segment)) {
                EXPECT_EQ(step.graph.tensors[id].storage, Storage::stored) << step.graph.tensor_name(id);
            }
        }
        EXPECT_EQ(next, step.graph.operations.size());
        EXPECT_LT(segments.size(), step.graph.operations.size());
    }
}

TEST(StepGraph, NamesAreUniqueAndEveryParameterIsUpdated) {
    const StepGraph step = training_graph(network_of("resnet8", {}), {.batch = 2});
    std::set<std::string> names;
    for (TensorId id = 0; id < step.graph.tensors.size(); ++id) {
        EXPECT_TRUE(names.insert(step.graph.tensor_name(id)).second) << step.graph.tensor_name(id);
    }
    for (const NetworkState& state : step.states) {
        if (state.parameter < 0) continue;
        const bool updated = std::any_of(
            step.graph.operations.begin(), step.graph.operations.end(),
            [&](const Operation& op) { return op.kind == OpKind::sgd_update && op.outputs[0] == state.tensor; });
        EXPECT_TRUE(updated) << step.graph.tensor_name(state.tensor);
    }
}

TEST(StepGraph, Fp32GraphHasNoMantissas) {
    const StepGraph step = training_graph(test::small_resnet(), {.batch = 2, .precision = Precision::fp32});
    for (const TensorInfo& info : step.graph.tensors)
        EXPECT_NE(info.type, ElementType::mantissa) << info.layer << "." << info.name;
}

TEST(StepGraph, InitialWeightsDependOnSeedAndParameterOnly) {
    const StepGraph step = training_graph(test::small_cnn(), {.batch = 2});
    const StepGraph other = inference_graph(test::small_cnn(), {.batch = 3});
    EXPECT_EQ(initial_value(step, step.states[0], 1).data, initial_value(other, other.states[0], 1).data);
    EXPECT_NE(initial_value(step, step.states[0], 1).data, initial_value(step, step.states[0], 2).data);
}

TEST(Validate, RejectsWrongShapesTypesAndParameters) {
    StepGraph step = training_graph(test::small_cnn(), {.batch = 2});
    const auto broken = [&](auto change) {
        Graph graph = step.graph;
        change(graph);
        EXPECT_THROW(validate(graph), InputError);
    };
    for (std::size_t i = 0; i < step.graph.operations.size(); ++i) {
        broken([&](Graph& graph) { graph.operations[i].inputs.pop_back(); });
        broken([&](Graph& graph) { graph.operations[i].outputs.push_back(0); });
    }
    const auto conv = std::find_if(step.graph.operations.begin(), step.graph.operations.end(),
                                   [](const Operation& op) { return op.kind == OpKind::conv_forward; });
    const auto at = static_cast<std::size_t>(conv - step.graph.operations.begin());
    broken([&](Graph& graph) { std::get<ConvParams>(graph.operations[at].params).stride[0] = 0; });
    broken([&](Graph& graph) { std::get<ConvParams>(graph.operations[at].params).groups = 2; });
    broken([&](Graph& graph) { std::get<ConvParams>(graph.operations[at].params).P += 1; });
    broken([&](Graph& graph) { std::get<ConvParams>(graph.operations[at].params).accumulation.chain = 0; });
    broken([&](Graph& graph) { std::get<ConvParams>(graph.operations[at].params).accumulation.policy = Policy::wrap; });
    broken([&](Graph& graph) { graph.operations[at].params = NoParams{}; });
}

TEST(Shape, RejectsWhatAnIndexCannotCount) {
    EXPECT_THROW((Shape{1 << 30, 1 << 30, 1 << 30, 1 << 30}), InputError);
    EXPECT_THROW((Shape{0, 1}), InputError);
    EXPECT_THROW((Shape{-1}), InputError);
    EXPECT_EQ((Shape{2, 3, 4, 5}).coordinates(119), "(1,2,3,4)");
}

}  // namespace
}  // namespace dfp16
