// The FP32 twin against naive binary64 definitions, operation by operation in fp32_gradient/: forward values, and
// gradients by central differences of them. Here: that no operation is left out, and what is refused.
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

#include "reference/fp32/fp32_backend.h"
#include "sim/types/error.h"
#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

constexpr const char* kRefused = "fp32 backend runs FP32 graphs only";

template <typename Body>
std::string message_of(const Body& body) {
    try {
        body();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no InputError";
}

// ---- Completeness

/// Whether the twin has the operation: it looks at that before it looks at tensors and parameters.
bool has_operation(OpKind kind) {
    Graph graph;
    graph.add_operation({kind, "layer", Pass::forward, {}, {}, {}});
    const std::string message = message_of([&] { make_fp32_backend(1)->prepare(graph, {}); });
    return message.find(kRefused) == std::string::npos;
}

TEST(Fp32Complete, EveryOperationHasAGradientTest) {
    // What works on integers, and what no gradient goes through.
    const std::set<OpKind> integer = {OpKind::vpmaddwd,     OpKind::vpdpwssd, OpKind::vpdpwssds,  OpKind::vp4dpwssd,
                                      OpKind::vp4dpwssds,   OpKind::quantize, OpKind::dequantize, OpKind::multiply,
                                      OpKind::down_convert, OpKind::gemm};
    const std::set<OpKind> no_gradient = {OpKind::batch_norm_inference, OpKind::sgd_update};
    int kinds = 0;
    for (; std::string(name_of(static_cast<OpKind>(kinds))) != "?"; ++kinds) {
        const auto kind = static_cast<OpKind>(kinds);
        EXPECT_EQ(has_operation(kind), !integer.contains(kind)) << name_of(kind);
        const bool needs_test = !integer.contains(kind) && !no_gradient.contains(kind);
        EXPECT_EQ(kinds_with_gradient_test().contains(kind), needs_test) << name_of(kind);
    }
    EXPECT_GT(kinds, static_cast<int>(OpKind::sgd_update));
}

// ---- What is refused

TEST(Fp32Refuses, GraphsWithIntegers) {
    const auto backend = make_fp32_backend(1);
    Graph integers;
    integers.add_tensor({"conv1", "x", ElementType::mantissa, {2, 2}});
    EXPECT_EQ(message_of([&] { backend->prepare(integers, {}); }),
              "tensor conv1.x is int16: fp32 backend runs FP32 graphs only");
    const HostTensor x = tensor_of({2, 2}, {1, 2, 3, 4});
    EXPECT_EQ(message_of([&] {
                  run_operation(OpKind::quantize, RoundingParams{}, {x}, {{2, 2}});
              }),
              "layer: quantize: fp32 backend runs FP32 graphs only");
    EXPECT_EQ(message_of([&] {
                  run_operation(OpKind::gemm, GemmParams{2, 2, 2, {}}, {x, x}, {{2, 2}});
              }),
              "layer: gemm: fp32 backend runs FP32 graphs only");
}

TEST(Fp32Refuses, TensorsOfOtherTypeOrShape) {
    Graph graph;
    graph.add_tensor({"fc1", "x", ElementType::fp32, {2, 3}});
    const auto backend = make_fp32_backend(1);
    const auto plan = backend->prepare(graph, {});
    EXPECT_EQ(message_of([&] {
                  plan->bind(0, HostTensor(ElementType::fp32, {3, 2}));
              }),
              "tensor fc1.x given fp32 3x2, expected fp32 2x3");
    EXPECT_EQ(message_of([&] {
                  plan->bind(0, HostTensor(ElementType::mantissa, {2, 3}));
              }),
              "tensor fc1.x given int16 2x3, expected fp32 2x3");
    EXPECT_TRUE(plan->readable(0));
    EXPECT_FALSE(plan->readable(1));
}

TEST(Fp32Refuses, NonFiniteLogitsWeightsAndForeignLabels) {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto softmax = [](const Values& z, std::int32_t label) {
        return message_of([&] {
            run_operation(OpKind::softmax_forward, {}, {tensor_of({1, 2}, z), labels_of({label})}, {{1, 2}, {1}});
        });
    };
    EXPECT_EQ(softmax({0, infinity}, 0), "layer.in0 (0,1): inf, expected a finite number");
    EXPECT_EQ(softmax({0, 1}, 2), "layer.in1 (0): label 2, expected 0 to 1");
    EXPECT_EQ(softmax({0, 1}, -1), "layer.in1 (0): label -1, expected 0 to 1");
    EXPECT_EQ(message_of([&] {
                  const HostTensor w = tensor_of({3}, {0, 0, 0});
                  run_operation(OpKind::sgd_update, SgdParams{}, {w, w, tensor_of({3}, {1, infinity, 2})}, {{3}, {3}},
                                1, {0, 1}, {1, 0, 1.0f});
              }),
              "layer.in0 (1): -inf after the update, expected a finite number");
}

}  // namespace
}  // namespace dfp16::test