// Kernels with planted bugs, and cases for them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference/golden.h"
#include "reference/interface/host_plan.h"
#include "tests/random_picks.h"
#include "vectors/case.h"
#include "vectors/triage/triage.h"

namespace dfp16::test {

/// What a planted kernel answers to a case without outputs.
using Answer = std::function<std::vector<HostTensor>(const Case& inputs, Backend& golden)>;

class PlantedPlan : public HostPlan {
public:
    PlantedPlan(const Graph& graph, const Answer& answer, Backend& golden)
        : HostPlan(graph), answer_(answer), golden_(golden) {}

    void run(std::size_t segment, const RunContext& context) override {
        const Operation& op = operation(segment);
        std::vector<HostTensor> inputs, outputs;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) inputs.push_back(input(op, i));
        for (std::size_t i = 0; i < op.outputs.size(); ++i) outputs.push_back(output(op, i));
        Case made;
        static_cast<CaseHeader&>(made) = header_of(op.kind, op.params, context, inputs, outputs);
        made.inputs = std::move(inputs);
        const std::vector<HostTensor> answers = answer_(made, golden_);
        for (std::size_t i = 0; i < op.outputs.size(); ++i) output(op, i) = answers[i];
    }

private:
    const Answer& answer_;
    Backend& golden_;
};

class PlantedKernel : public Backend {
public:
    explicit PlantedKernel(Answer answer) : golden_(make_golden_backend(1)), answer_(std::move(answer)) {}
    std::string name() const override { return "kernel"; }
    std::string isa() const override { return "planted"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<PlantedPlan>(graph, answer_, *golden_);
    }

private:
    std::unique_ptr<Backend> golden_;
    Answer answer_;
};

/// Mantissas between -limit and limit.
inline void fill(HostTensor& tensor, RandomPicks& picks, std::int64_t limit) {
    for (Mantissa& m : tensor.mantissas()) m.value = static_cast<std::int16_t>(picks.pick(-limit, limit));
}

/// Every INT16 input random, every other one zero. The header has to be complete.
inline Case random_case(Case made, std::int64_t limit, std::uint64_t seed = 1) {
    RandomPicks picks(seed);
    for (const Operand& operand : operands_of(made).inputs) {
        made.inputs.emplace_back(operand.type, operand.shape);
        if (operand.type == ElementType::mantissa) fill(made.inputs.back(), picks, limit);
    }
    return made;
}

inline Case gemm_case(std::int64_t M, std::int64_t N, std::int64_t K, Policy policy, std::int64_t chain = 64,
                      std::int64_t limit = 8191) {
    Case made;
    made.name = "planted";
    made.op = OpKind::gemm;
    made.params = GemmParams{M, N, K, {policy, chain}};
    return random_case(std::move(made), limit);
}

/// P and Q follow.
inline Case conv_case(OpKind op, ConvParams params, std::int64_t limit = 8191) {
    params.P = output_size(params.H, params.R, params.stride[0], params.pad[0]);
    params.Q = output_size(params.W, params.S, params.stride[1], params.pad[1]);
    Case made;
    made.name = "planted";
    made.op = op;
    made.params = params;
    return random_case(std::move(made), limit);
}

/// One-dimensional elementwise operations of INT16 operands.
inline Case elementwise_case(OpKind op, const OpParams& params, std::int64_t elements, std::int64_t limit = 32767) {
    Case made;
    made.name = "planted";
    made.op = op;
    made.params = params;
    made.extent = Shape{elements};
    return random_case(std::move(made), limit);
}

/// What triage says of a planted kernel on a case.
inline triage::Triage triage_with(const Case& failing, const Answer& answer, triage::TriageOptions options = {}) {
    PlantedKernel kernel(answer);
    const auto golden = make_golden_backend(1);
    const std::vector<HostTensor> expected = run(failing, *golden);
    const triage::Outcome outcome = triage::outcome_of(failing, expected, kernel);
    EXPECT_TRUE(outcome.fails()) << "the planted bug does not show";
    return triage::triage_of(failing, expected, outcome, kernel, *golden, options);
}

}  // namespace dfp16::test
