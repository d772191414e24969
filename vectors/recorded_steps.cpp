#include "vectors/recorded_steps.h"

#include "reference/golden.h"
#include "reference/record.h"
#include "vectors/float_data.h"
#include "vectors/params_json.h"

namespace dfp16 {

namespace {

constexpr std::uint32_t kImageStream = 1;
constexpr std::uint32_t kLabelStream = 2;
constexpr float kRate = 0.02f;

HostTensor labels_of(const TensorInfo& info, std::int64_t classes, const CaseRandom& random) {
    HostTensor labels(ElementType::label, info.shape);
    std::uint64_t index = 0;
    for (Label& label : std::get<std::vector<Label>>(labels.data)) {
        label.value = static_cast<std::int32_t>(random.uniform(kLabelStream, index++, 0, classes - 1));
    }
    return labels;
}

/// Without what a golden file would not hold, as the tensor id of a rounding that draws nothing.
Case as_stored(Case made) {
    CaseHeader header;
    header.name = made.name;
    header.op = made.op;
    params_from_json(params_to_json(made), header);
    static_cast<CaseHeader&>(made) = header;
    return made;
}

}  // namespace

RecordedStep::RecordedStep(StepRun run)
    : run_(std::move(run)), step_(training_graph(network_of(run_.network, run_.topology), run_.graph)) {}

Case RecordedStep::make(std::size_t index, const CaseRandom& random) {
    const std::lock_guard lock(mutex_);
    if (cases_.empty() || seed_ != random.seed) record(random);
    return cases_.at(index);
}

void RecordedStep::record(const CaseRandom& random) {
    cases_.clear();
    seed_ = random.seed;
    const auto golden = make_golden_backend(1);
    Record recorder(*golden, {.steps = {run_.step}, .layers = "*"}, [this](const RecordedOperation& recorded) {
        const Operation& operation = recorded.operation;
        Case made{header_of(operation.kind, operation.params, recorded.context, recorded.inputs, recorded.outputs),
                  recorded.inputs,
                  {}};
        made.name = run_.network + "/" + recorded.graph.tensor_name(operation.outputs[0]) + "/" +
                    name_of(operation.kind) + "/step" + std::to_string(run_.step);
        cases_.push_back(as_stored(std::move(made)));
    });
    const std::unique_ptr<Plan> plan = recorder.prepare(step_.graph, {});
    for (const NetworkState& state : step_.states) plan->bind(state.tensor, initial_value(step_, state, random.seed));
    const TensorInfo& images = step_.graph.tensors[step_.images];
    plan->bind(step_.images, float_tensor(FloatFill::bell, images.shape, 0, random, kImageStream));
    plan->bind(step_.labels, labels_of(step_.graph.tensors[step_.labels], run_.topology.input.classes, random));
    for (std::uint32_t step = 0; step <= run_.step; ++step) plan->run_all({random.seed, step, kRate});
}

}  // namespace dfp16
