// Lockstep: fast and golden agree over training steps; the comparer finds and locates every planted fault.
#include "reference/lockstep.h"

#include <gtest/gtest.h>

#include "fastpath/backend.h"
#include "reference/mismatch_error.h"
#include "reference/plant.h"
#include "sim/types/error.h"
#include "tests/training_helpers.h"

namespace dfp16 {
namespace {

using test::lockstep;
using test::small_cnn;
using test::small_resnet;

class EveryIsa : public testing::TestWithParam<fast::Isa> {
protected:
    void SetUp() override {
        if (!fast::supported(GetParam())) GTEST_SKIP() << "this CPU lacks " << fast::name_of(GetParam());
    }
};

TEST_P(EveryIsa, AgreesOverTrainingAtOneTwoAndThreeThreads) {
    for (const int threads : {1, 2, 3}) {
        const auto tested = fast::make_backend(GetParam(), threads);
        for (const Network& network : {small_cnn(), small_resnet()}) {
            const LockstepCounts counts = lockstep(network, *tested, {.batch = 5}, 6);
            EXPECT_EQ(counts.steps, 6);
            EXPECT_EQ(counts.bits_differ, 0);
            EXPECT_GT(counts.operations_compared, 6 * 20);
            EXPECT_GT(counts.elements_compared, 10000);
        }
    }
}

TEST_P(EveryIsa, AgreesInChainsOfEveryKindOfLength) {
    const auto tested = fast::make_backend(GetParam(), 2);
    for (const std::int64_t chain : {1, 3, 8, 64, 1000000}) {
        const GraphOptions graph{.batch = 3, .accumulation = {Policy::chain, chain}};
        EXPECT_EQ(lockstep(small_cnn(), *tested, graph, 2).bits_differ, 0) << "chain " << chain;
        EXPECT_EQ(lockstep(small_resnet(), *tested, graph, 2).bits_differ, 0) << "chain " << chain;
    }
}

TEST_P(EveryIsa, AgreesInEveryRoundingAndHeadroom) {
    const auto tested = fast::make_backend(GetParam(), 2);
    for (const Rounding rounding : {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}) {
        for (const int headroom : {0, 1, 5}) {
            const GraphOptions graph{.batch = 3, .headroom = headroom, .rounding = rounding};
            EXPECT_EQ(lockstep(small_cnn(), *tested, graph, 2).bits_differ, 0);
            EXPECT_EQ(lockstep(small_resnet(), *tested, graph, 2).bits_differ, 0);
        }
    }
}

TEST_P(EveryIsa, AgreesOnTheNetworksOfThePaper) {
    const auto tested = fast::make_backend(GetParam(), 2);
    for (const char* name : {"alexnet", "vgg16", "googlenet", "googlenet-bn", "resnet50", "resnet50-v1.5"}) {
        const Network network = network_of(name, {.input = {1, 28, 28, 10}, .width = 0.0625});
        for (const Accumulation accumulation : {Accumulation{Policy::exact, 64}, {Policy::chain, 8}}) {
            const GraphOptions graph{.batch = 2, .accumulation = accumulation};
            EXPECT_EQ(lockstep(network, *tested, graph, 2).bits_differ, 0) << name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, EveryIsa,
                         testing::ValuesIn(fast::kIsas),
                         [](const auto& param) { return std::string(fast::name_of(param.param)); });

/// The message of the mismatch that a fault leads to; empty if none was found.
std::string found(const Network& network, const std::string& fault) {
    const auto tested = fast::make_backend(fast::isa_of("auto"), 2);
    Plant planted(*tested, fault_of(fault));
    try {
        lockstep(network, planted, {.batch = 4}, 2);
    } catch (const MismatchError& mismatch) {
        return mismatch.what();
    }
    return "";
}

TEST(Plant, IsFoundInEveryStoredTensorOfAStep) {
    for (const Network& network : {small_cnn(), small_resnet()}) {
        const StepGraph step = training_graph(network, {.batch = 4});
        int faults = 0;
        for (const Operation& operation : step.graph.operations) {
            for (const TensorId id : operation.outputs) {
                const TensorInfo& info = step.graph.tensors[id];
                if (info.storage != Storage::stored) continue;
                const std::int64_t index = info.shape.elements() / 2;
                const std::string place = operation.layer + ":" + name_of(operation.pass) + ":" + info.name;
                const std::string message = found(network, "1:" + place + ":" + std::to_string(index) + ":3");
                EXPECT_NE(message.find("step 1, layer " + operation.layer + ", pass " + name_of(operation.pass)),
                          std::string::npos)
                    << place << ": " << message;
                EXPECT_NE(message.find(info.shape.coordinates(index)), std::string::npos) << place << ": " << message;
                ++faults;
            }
        }
        EXPECT_GT(faults, 20);
    }
}

TEST(Plant, IsFoundInAnExponent) {
    const std::string message = found(small_cnn(), "0:conv2:backward_data:dx.exponent:0:0");
    EXPECT_NE(message.find("step 0, layer conv2, pass backward_data"), std::string::npos) << message;
    EXPECT_NE(message.find("exponent"), std::string::npos) << message;
}

TEST(Plant, NamesTheStoredTensorsWhereThereIsNoSuchOne) {
    const auto golden = make_golden_backend(1);
    const StepGraph step = training_graph(small_cnn(), {.batch = 2});
    const auto message = [&](const std::string& fault) -> std::string {
        try {
            Plant(*golden, fault_of(fault)).prepare(step.graph, {});
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_NE(message("0:conv1:forward:sum:0:0").find("expected one of wq, y"), std::string::npos)
        << message("0:conv1:forward:sum:0:0");
    EXPECT_NE(message("0:nowhere:forward:y:0:0"), "");
    EXPECT_NE(message("0:conv1:forward:y:999999:0").find("expected 0 to"), std::string::npos);
    EXPECT_NE(message("0:conv1:forward:y:0:16").find("expected 0 to 15"), std::string::npos);
    EXPECT_NE(message("0:conv1:sideways:y:0:0").find("unknown pass"), std::string::npos);
    EXPECT_NE(message("0:conv1:forward:y:0").find("STEP:LAYER"), std::string::npos);
    EXPECT_NE(message("x:conv1:forward:y:0:0").find("expected a number"), std::string::npos);
}

/// A backend whose transients are wrong: only the exposed plan can show it.
class WrongTransient : public Backend {
public:
    explicit WrongTransient(Backend& backend) : backend_(backend) {}
    std::string name() const override { return "wrong"; }
    std::string isa() const override { return "wrong"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override {
        return std::make_unique<WrongPlan>(graph, backend_.prepare(graph, options));
    }

private:
    class WrongPlan : public Plan {
    public:
        WrongPlan(const Graph& graph, std::unique_ptr<Plan> plan) : graph_(graph), plan_(std::move(plan)) {}
        std::span<const Segment> segments() const override { return plan_->segments(); }
        void bind(TensorId id, const HostTensor& value) override { plan_->bind(id, value); }
        void run(std::size_t segment, const RunContext& context) override { plan_->run(segment, context); }
        bool readable(TensorId id) const override { return plan_->readable(id); }
        HostTensor read(TensorId id) const override {
            HostTensor value = plan_->read(id);
            if (graph_.tensors[id].storage == Storage::transient) value.flip_bit(1, 0);
            return value;
        }

    private:
        const Graph& graph_;
        std::unique_ptr<Plan> plan_;
    };
    Backend& backend_;
};

TEST(Lockstep, ComparesTransientsThroughTheExposedPlan) {
    const auto tested = fast::make_backend(fast::isa_of("auto"), 1);
    WrongTransient wrong(*tested);
    try {
        lockstep(small_cnn(), wrong, {.batch = 2}, 1);
        FAIL() << "a wrong transient went unseen";
    } catch (const MismatchError& mismatch) {
        EXPECT_NE(std::string(mismatch.what()).find("exposed"), std::string::npos) << mismatch.what();
    }
}

TEST(Lockstep, SkipsStepsBetween) {
    const auto tested = fast::make_backend(fast::isa_of("auto"), 1);
    const auto golden = make_golden_backend(1);
    LockstepCounts counts;
    Lockstep backend(*tested, *golden, 3, counts);
    TrainOptions options{.graph = {.batch = 2}, .epochs = 10, .steps = 7};
    TrainResult result;
    train(small_cnn(), test::synthetic_for(small_cnn()), backend, *tested, options, {}, result);
    EXPECT_EQ(result.steps, 7);
    EXPECT_EQ(counts.steps, 3);  // 0, 3, 6
}

}  // namespace
}  // namespace dfp16
