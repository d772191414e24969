#include "tests/fp32_gradient/helpers.h"

#include <algorithm>
#include <cmath>

#include "reference/fp32/fp32_backend.h"
#include "sim/philox.h"

namespace dfp16::test {

namespace {

/// What the running GRADIENT_TEST did.
std::set<OpKind> kinds_run;
std::size_t gradients_compared = 0;

}  // namespace

Values random_values(std::int64_t count, std::uint32_t stream) {
    const RandomStream random{7, 0, Purpose::golden_case, stream};
    Values values;
    for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(static_cast<float>(static_cast<std::int32_t>(random.word(static_cast<std::uint64_t>(i)))) *
                         0x1p-31f);
    }
    return values;
}

Values spread_values(std::int64_t count, std::uint32_t stream) {
    const Values keys = random_values(count, stream);
    Values values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto rank = std::count_if(keys.begin(), keys.end(), [&](double key) { return key < keys[i]; });
        values[i] = static_cast<float>(0.01 * (static_cast<double>(rank) - static_cast<double>(count) / 2) + 0.005);
    }
    return values;
}

HostTensor tensor_of(const Shape& shape, const Values& values) {
    HostTensor tensor(ElementType::fp32, shape);
    EXPECT_EQ(static_cast<std::size_t>(shape.elements()), values.size());
    std::transform(values.begin(), values.end(), tensor.fp32().begin(), [](double x) { return static_cast<float>(x); });
    return tensor;
}

HostTensor labels_of(const std::vector<std::int32_t>& values) {
    HostTensor tensor(ElementType::label, {static_cast<std::int64_t>(values.size())});
    for (std::size_t i = 0; i < values.size(); ++i) tensor.labels()[i] = Label{values[i]};
    return tensor;
}

std::vector<HostTensor> run_operation(OpKind kind, const OpParams& params, const std::vector<HostTensor>& inputs,
                                      const std::vector<Shape>& output_shapes, int threads,
                                      const std::vector<int>& in_place, const RunContext& context) {
    kinds_run.insert(kind);
    Graph graph;
    Operation operation;
    operation.kind = kind;
    operation.layer = "layer";
    operation.params = params;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        operation.inputs.push_back(
            graph.add_tensor({"layer", "in" + std::to_string(i), inputs[i].type(), inputs[i].shape}));
    }
    for (std::size_t o = 0; o < output_shapes.size(); ++o) {
        const int source = o < in_place.size() ? in_place[o] : -1;
        operation.outputs.push_back(
            source >= 0 ? operation.inputs[static_cast<std::size_t>(source)]
                        : graph.add_tensor({"layer", "out" + std::to_string(o), ElementType::fp32, output_shapes[o]}));
    }
    graph.add_operation(operation);
    const auto backend = make_fp32_backend(threads);
    const auto plan = backend->prepare(graph, {});
    for (std::size_t i = 0; i < inputs.size(); ++i) plan->bind(operation.inputs[i], inputs[i]);
    plan->run_all(context);
    plan->run_all(in_place.empty() ? context : RunContext{});  // again: nothing may be left over from the first run
    std::vector<HostTensor> outputs;
    for (const TensorId id : operation.outputs) outputs.push_back(plan->read(id));
    return outputs;
}

void expect_near(const HostTensor& got, const Values& expected, double tolerance, const std::string& what) {
    ASSERT_EQ(got.fp32().size(), expected.size()) << what;
    double largest = 1e-30;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(got.fp32()[i], expected[i], tolerance * largest)
            << what << " " << got.shape.coordinates(static_cast<std::int64_t>(i));
    }
}

void expect_gradient(const HostTensor& gradient, const Forward& forward, Values x, const Values& dy,
                     const std::string& what, std::size_t every, double tolerance) {
    ++gradients_compared;
    ASSERT_EQ(gradient.fp32().size(), x.size()) << what;
    constexpr double kStep = 1e-4;
    const auto objective = [&] {
        const Values y = forward(x);
        double sum = 0.0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
        return sum;
    };
    double largest = 1e-30;
    for (const float value : gradient.fp32()) largest = std::max(largest, static_cast<double>(std::abs(value)));
    ASSERT_GT(largest, 1e-6) << what << ": nothing to compare";
    for (std::size_t i = 0; i < x.size(); i += every) {
        const double kept = x[i];
        x[i] = kept + kStep;
        const double above = objective();
        x[i] = kept - kStep;
        const double below = objective();
        x[i] = kept;
        ASSERT_NEAR(gradient.fp32()[i], (above - below) / (2 * kStep), tolerance * largest)
            << what << " " << gradient.shape.coordinates(static_cast<std::int64_t>(i));
    }
}

void expect_same_bits(const HostTensor& a, const HostTensor& b, const std::string& what) {
    ASSERT_EQ(a.elements(), b.elements()) << what;
    for (std::int64_t i = 0; i < a.elements(); ++i)
        ASSERT_EQ(a.bits(i), b.bits(i)) << what << " " << a.shape.coordinates(i);
}

std::set<OpKind>& kinds_with_gradient_test() {
    static std::set<OpKind> kinds;
    return kinds;
}

void check_gradient_test(const std::set<OpKind>& kinds, void (*body)()) {
    kinds_run.clear();
    gradients_compared = 0;
    body();
    for (const OpKind kind : kinds) EXPECT_TRUE(kinds_run.contains(kind)) << name_of(kind) << " was not run";
    EXPECT_GT(gradients_compared, 0u);
}

}  // namespace dfp16::test
