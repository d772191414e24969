// Whole training steps: every operation of a step of small networks, on the tensors that the step made.
#include "vectors/recorded_steps.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

/// One set of data a step; all its cases draw from it.
void add_step(Suite& suite, const StepRun& run) {
    const auto recorded = std::make_shared<RecordedStep>(run);
    const std::uint32_t number = suite.next_number();
    for (std::size_t i = 0; i < recorded->size(); ++i) {
        suite.add_with_data_of(number, [recorded, i](const CaseRandom& random) { return recorded->make(i, random); });
    }
}

StepRun run_of(const std::string& network, const InputSize& input, double width, std::uint32_t step) {
    return {network, {.input = input, .width = width}, {.batch = 2}, step};
}

/// `chain`, stochastic rounding and another headroom than the default, as a run may choose them.
StepRun in_chains(StepRun run) {
    run.graph.accumulation = {Policy::chain, 16};
    run.graph.rounding = Rounding::stochastic;
    run.graph.headroom = 1;
    return run;
}

}  // namespace

Suite steps_suite(int level) {
    constexpr InputSize kGrey = {1, 28, 28, 10};
    constexpr InputSize kSmall = {3, 16, 16, 10};
    constexpr InputSize kMiddle = {3, 32, 32, 10};
    constexpr InputSize kLarge = {3, 64, 64, 20};
    Suite suite("steps", SuiteId::steps);
    add_step(suite, run_of("lenet5", kGrey, 0.5, 0));
    add_step(suite, in_chains(run_of("resnet8", kSmall, 0.5, 2)));
    if (level >= 2) {
        add_step(suite, run_of("resnet20", kMiddle, 1.0, 1));
        add_step(suite, run_of("alexnet", kLarge, 0.25, 1));
        add_step(suite, run_of("vgg16", kMiddle, 0.25, 1));
        add_step(suite, run_of("googlenet", kMiddle, 0.25, 1));
        add_step(suite, in_chains(run_of("resnet50", kMiddle, 0.25, 1)));
    }
    if (level >= 3) {
        for (const std::uint32_t step : {0u, 3u}) {
            add_step(suite, in_chains(run_of("alexnet", kLarge, 0.5, step)));
            add_step(suite, in_chains(run_of("googlenet", kLarge, 0.5, step)));
            add_step(suite, run_of("resnet50-v1.5", kLarge, 0.5, step));
        }
    }
    return suite;
}

}  // namespace dfp16
