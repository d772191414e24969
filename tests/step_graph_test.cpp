// Networks and the graphs that are built from them.
#include "reference/step_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/types/error.h"
#include "tests/training_helpers.h"

namespace dfp16 {
namespace {

NetworkSize published_size(const std::string& name) {
    return size_of(network_of(name, {.input = published_input(name)}));
}

TEST(Networks, HaveThePublishedSizes) {
    const NetworkSize lenet = published_size("lenet5");
    EXPECT_EQ(lenet.parameters, 61706);  // LeCun et al. 1998 with full connections in C3
    EXPECT_EQ(lenet.macs, 416520);
    const NetworkSize resnet20 = published_size("resnet20");
    EXPECT_NEAR(static_cast<double>(resnet20.parameters), 0.27e6, 0.005e6);  // He et al. 2015, table 6
    EXPECT_NEAR(static_cast<double>(resnet20.macs), 40.8e6, 0.5e6);
}

TEST(Networks, OfThePaperHaveThePublishedSizes) {
    struct Published {
        const char* name;
        double parameters, macs;  // millions, billions
    };
    for (const Published& published :
         {Published{"alexnet", 60.97, 0.72}, Published{"vgg16", 138.36, 15.47}, Published{"googlenet", 7.00, 1.58},
          Published{"resnet50", 25.56, 3.86}, Published{"resnet50-v1.5", 25.56, 4.09}}) {
        const NetworkSize size = published_size(published.name);
        EXPECT_NEAR(static_cast<double>(size.parameters) / 1e6, published.parameters, 0.005) << published.name;
        EXPECT_NEAR(static_cast<double>(size.macs) / 1e9, published.macs, 0.005) << published.name;
        EXPECT_EQ(size.auxiliary_parameters > 0, std::string(published.name) == "googlenet");
    }
    // Exact where others count the same: torchvision's alexnet differs (one group), its vgg16 and resnet50 do not.
    EXPECT_EQ(published_size("alexnet").parameters, 60965224);
    EXPECT_EQ(published_size("vgg16").parameters, 138357544);
    EXPECT_EQ(published_size("resnet50").parameters, 25557032);
    EXPECT_EQ(published_size("googlenet").parameters, 6998552);
}

TEST(Networks, ScaleToSmallInputsAndWidths) {
    for (const std::string& name : network_names()) {
        const Network network = network_of(name, {.input = {1, 28, 28, 10}, .width = 0.25});
        const std::vector<ResolvedLayer> layers = resolve(network, 2);
        EXPECT_EQ(layers.back().output, (Shape{2, 10})) << name;
        training_graph(network, {.batch = 2});
        inference_graph(network, {.batch = 2});
        training_graph(network, {.batch = 2, .precision = Precision::fp32});
    }
    const NetworkSize half = size_of(network_of("vgg16", {.input = {3, 224, 224, 1000}, .width = 0.5}));
    EXPECT_NEAR(static_cast<double>(half.macs), 15.47e9 / 4, 0.1e9);
    EXPECT_THROW(network_of("vgg16", {.width = 0.0}), InputError);
}

TEST(StepGraph, KeepsLayersInFp32) {
    const Network network = network_of("alexnet", {.input = {1, 28, 28, 10}, .width = 0.25});
    const StepGraph step = training_graph(network, {.batch = 2, .fp32_layers = {"authors"}});
    std::set<std::string> kept;
    for (const Operation& operation : step.graph.operations) {
        if (const auto* conv = std::get_if<ConvParams>(&operation.params)) {
            if (conv->accumulation.policy == Policy::fma) kept.insert(operation.layer);
        }
        if (const auto* fc = std::get_if<FcParams>(&operation.params)) {
            if (fc->accumulation.policy == Policy::fma) kept.insert(operation.layer);
        }
    }
    EXPECT_EQ(kept, (std::set<std::string>{"conv1", "fc6", "fc7", "fc8"}));
    for (const TensorInfo& info : step.graph.tensors) EXPECT_FALSE(kept.contains(info.layer) && info.name == "wq");
    training_graph(network, {.batch = 2, .fp32_layers = {"conv*"}});
    EXPECT_THROW(training_graph(network, {.batch = 2, .fp32_layers = {"conv9"}}), InputError);
    EXPECT_THROW(training_graph(network, {.batch = 2, .fp32_layers = {"norm1"}}), InputError);
}

TEST(StepGraph, AuxiliaryHeadsAreForTrainingOnly) {
    const Network network = network_of("googlenet", {.input = {1, 28, 28, 10}, .width = 0.25});
    const StepGraph training = training_graph(network, {.batch = 2});
    const StepGraph inference = inference_graph(network, {.batch = 2});
    EXPECT_EQ(training.auxiliary_losses.size(), 2u);
    EXPECT_EQ(training.graph.tensor_name(training.loss), "loss.loss");
    for (const TensorInfo& info : inference.graph.tensors) EXPECT_FALSE(info.layer.starts_with("aux")) << info.layer;
    std::set<std::pair<std::string, int>> ordinals;
    for (const NetworkState& state : training.states) {
        ordinals.emplace(training.graph.tensor_name(state.tensor), state.parameter);
    }
    for (const NetworkState& state : inference.states) {
        EXPECT_TRUE(ordinals.contains({inference.graph.tensor_name(state.tensor), state.parameter}))
            << inference.graph.tensor_name(state.tensor);
    }
}

TEST(StepGraph, WeightsStartAsTheirKindSays) {
    const auto deviation_of = [](WeightStart start) {
        const StepGraph step = training_graph(test::small_cnn(), {.batch = 2, .start = start});
        const NetworkState* fc1 = nullptr;
        for (const NetworkState& state : step.states) {
            if (step.graph.tensor_name(state.tensor) == "fc1.w") fc1 = &state;
        }
        const HostTensor value = initial_value(step, *fc1, 1);
        double squares = 0.0;
        for (const float w : value.fp32()) squares += double{w} * w;
        const double fan_in = static_cast<double>(value.shape[1]);
        return std::sqrt(squares / static_cast<double>(value.elements()) * fan_in);
    };
    using Kind = WeightStart::Kind;
    EXPECT_NEAR(deviation_of({Kind::msra, 0.0f}), std::sqrt(2.0), 0.15);
    EXPECT_NEAR(deviation_of({Kind::msra_uniform, 0.0f}), std::sqrt(2.0), 0.15);
    EXPECT_NEAR(deviation_of({Kind::xavier, 0.0f}), 1.0, 0.1);
    EXPECT_NEAR(deviation_of({Kind::gaussian, 0.02f}) / deviation_of({Kind::gaussian, 0.01f}), 2.0, 1e-3);
}

TEST(Networks, RejectUnknownNamesAndSizesThatDoNotFit) {
    EXPECT_THROW(network_of("lenet6", {}), InputError);
    EXPECT_THROW(resolve(network_of("lenet5", {.input = {1, 4, 4, 10}}), 1), InputError);
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
