// Loss and weight update of the FP32 twin.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/fp32/fp32_backend.h"
#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

GRADIENT_TEST(Fp32Softmax, OpKind::softmax_forward, OpKind::softmax_backward) {
    const Shape shape = {5, 7};
    const std::vector<std::int32_t> labels = {0, 6, 3, 3, 1};
    Values z = random_values(35, 1);
    for (double& value : z) value *= 8;
    const auto probabilities = [&](const Values& v) {
        Values p = v;
        for (std::size_t n = 0; n < 5; ++n) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 7; ++j) sum += std::exp(v[n * 7 + j]);
            for (std::size_t j = 0; j < 7; ++j) p[n * 7 + j] = std::exp(v[n * 7 + j]) / sum;
        }
        return p;
    };
    const Forward loss = [&](const Values& v) {
        const Values p = probabilities(v);
        double sum = 0.0;
        for (std::size_t n = 0; n < 5; ++n) sum -= std::log(p[n * 7 + static_cast<std::size_t>(labels[n])]);
        return Values{sum / 5};
    };
    const auto outputs =
        run_operation(OpKind::softmax_forward, {}, {tensor_of(shape, z), labels_of(labels)}, {shape, {1}});
    expect_near(outputs[0], probabilities(z), 1e-6, "p");
    expect_near(outputs[1], loss(z), 1e-6, "loss");
    for (const float weight : {1.0f, 0.3f, 0.0625f}) {
        const HostTensor dz =
            run_operation(OpKind::softmax_backward, LossParams{weight}, {outputs[0], labels_of(labels)}, {shape})[0];
        expect_gradient(dz, loss, z, {weight}, "dz of the weighted loss");
    }
}

TEST(Fp32Sgd, Update) {
    const Values w = random_values(70000, 1);  // more than one part
    const Values v = random_values(70000, 2);
    const Values dw = random_values(70000, 3);
    const Shape shape = {70000};
    Graph graph;
    Operation update{OpKind::sgd_update, "layer", Pass::update, SgdParams{0.75f, 0.125f}, {}, {}};
    for (const char* name : {"w", "w.momentum", "dw"}) {
        update.inputs.push_back(graph.add_tensor({"layer", name, ElementType::fp32, shape}));
    }
    update.outputs = {0, 1};
    graph.add_operation(update);
    const auto backend = make_fp32_backend(2);
    const auto plan = backend->prepare(graph, {});
    plan->bind(0, tensor_of(shape, w));
    plan->bind(1, tensor_of(shape, v));
    plan->bind(2, tensor_of(shape, dw));
    plan->run(0, RunContext{1, 0, 0.5f});
    Values new_w = w;
    Values new_v = v;
    for (std::size_t i = 0; i < w.size(); ++i) {
        new_v[i] = 0.75 * v[i] + (0.125 * w[i] + dw[i]);
        new_w[i] = w[i] - 0.5 * new_v[i];
    }
    expect_near(plan->read(0), new_w, 1e-6, "w");
    expect_near(plan->read(1), new_v, 1e-6, "v");
}

}  // namespace
}  // namespace dfp16::test
