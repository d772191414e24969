// Runs operations of the FP32 twin and checks their values and gradients.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "reference/interface/operation.h"

namespace dfp16::test {

using Values = std::vector<double>;

/// `count` FP32 numbers in [-1, 1), a function of `stream`.
Values random_values(std::int64_t count, std::uint32_t stream);

/// Distinct numbers in random order, at least 0.01 apart and 0.005 from zero: no kink of ReLU or max is within a
/// difference's step.
Values spread_values(std::int64_t count, std::uint32_t stream);

HostTensor tensor_of(const Shape& shape, const Values& values);
HostTensor labels_of(const std::vector<std::int32_t>& values);

/// Runs one operation through the backend. `in_place[o]` is the input that output o updates, or -1.
std::vector<HostTensor> run_operation(OpKind kind, const OpParams& params, const std::vector<HostTensor>& inputs,
                                      const std::vector<Shape>& output_shapes, int threads = 2,
                                      const std::vector<int>& in_place = {}, const RunContext& context = {});

void expect_near(const HostTensor& got, const Values& expected, double tolerance, const std::string& what);
void expect_same_bits(const HostTensor& a, const HostTensor& b, const std::string& what);

using Forward = std::function<Values(const Values&)>;

/// d(sum of dy * forward(x)) / dx[i] for every `every`-th i, by central differences in binary64, against `gradient`.
void expect_gradient(const HostTensor& gradient, const Forward& forward, Values x, const Values& dy,
                     const std::string& what, std::size_t every = 1, double tolerance = 2e-5);

/// Operations that GRADIENT_TESTs of this program name.
std::set<OpKind>& kinds_with_gradient_test();

struct RegisteredKinds {
    explicit RegisteredKinds(const std::set<OpKind>& kinds) {
        kinds_with_gradient_test().insert(kinds.begin(), kinds.end());
    }
};

/// Runs `body`; it fails unless it runs each of `kinds` and compares gradients.
void check_gradient_test(const std::set<OpKind>& kinds, void (*body)());

/// A test of the values and gradients of the operations named after the suite.
#define GRADIENT_TEST(suite, ...)                         \
    void suite##_body();                                  \
    const RegisteredKinds suite##_kinds({__VA_ARGS__});   \
    TEST(suite, ValuesAndGradients) {                     \
        check_gradient_test({__VA_ARGS__}, suite##_body); \
    }                                                     \
    void suite##_body()

}  // namespace dfp16::test
