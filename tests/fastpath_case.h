// A small graph with its inputs and the outputs that it must give, run on every ISA of this CPU and several thread
// counts; with two threads results bypass the caches.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fastpath/backend.h"
#include "fastpath/streaming.h"
#include "reference/interface/backend.h"
#include "sim/types/error.h"
#include "tests/naive_elementwise.h"

namespace dfp16::test {

inline HostTensor host(const naive::Dfp& value, const Shape& shape) {
    HostTensor tensor(ElementType::mantissa, shape);
    tensor.exponent.value = value.e;
    for (std::size_t i = 0; i < value.m.size(); ++i)
        tensor.mantissas()[i].value = static_cast<std::int16_t>(value.m[i]);
    return tensor;
}

inline HostTensor host(const naive::Reals& value, const Shape& shape) {
    HostTensor tensor(ElementType::fp32, shape);
    tensor.fp32() = value;
    return tensor;
}

inline HostTensor host_integers(const std::vector<std::int64_t>& value, int exponent, const Shape& shape) {
    HostTensor tensor(ElementType::accumulator, shape);
    tensor.exponent.value = exponent;
    for (std::size_t i = 0; i < value.size(); ++i) tensor.accumulators()[i].value = static_cast<std::int32_t>(value[i]);
    return tensor;
}

inline HostTensor host_labels(const std::vector<std::int32_t>& value) {
    HostTensor tensor(ElementType::label, {static_cast<std::int64_t>(value.size())});
    for (std::size_t i = 0; i < value.size(); ++i) tensor.labels()[i].value = value[i];
    return tensor;
}

/// The first difference, or "".
inline std::string difference(const HostTensor& got, const HostTensor& expected) {
    if (got.type() != expected.type() || got.shape != expected.shape) return "type or shape differs";
    if (got.exponent != expected.exponent) {
        return "exponent " + std::to_string(got.exponent.value) + ", expected " +
               std::to_string(expected.exponent.value);
    }
    for (std::int64_t i = 0; i < got.elements(); ++i) {
        if (got.bits(i) == expected.bits(i)) continue;
        char text[96];
        std::snprintf(text, sizeof text, "%08x, expected %08x at index %lld ", got.bits(i), expected.bits(i),
                      static_cast<long long>(i));
        return text + got.shape.coordinates(i);
    }
    return "";
}

class FastCase {
public:
    RunContext context{.seed = 0x123456789ABCDEFull, .step = 7, .learning_rate = 0.05f};

    TensorId input(const std::string& name, const HostTensor& value) {
        const TensorId id =
            graph_.add_tensor({.layer = "layer", .name = name, .type = value.type(), .shape = value.shape});
        inputs_.emplace_back(id, value);
        return id;
    }
    TensorId output(const std::string& name, const HostTensor& expected) {
        const TensorId id =
            graph_.add_tensor({.layer = "layer", .name = name, .type = expected.type(), .shape = expected.shape});
        expect(id, expected);
        return id;
    }
    /// An output that is not compared.
    TensorId unchecked(const std::string& name, ElementType type, const Shape& shape,
                       Storage storage = Storage::stored) {
        return graph_.add_tensor({.layer = "layer", .name = name, .type = type, .shape = shape, .storage = storage});
    }
    void expect(TensorId id, const HostTensor& expected) { expected_.emplace_back(id, expected); }
    void operation(OpKind kind, const OpParams& params, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
        graph_.add_operation({.kind = kind,
                              .layer = "layer",
                              .params = params,
                              .inputs = std::move(inputs),
                              .outputs = std::move(outputs)});
    }
    /// Gives the tensor a reader that wants it blocked.
    void make_blocked(TensorId id) {
        const TensorInfo info = graph_.tensors[id];
        const Shape& s = info.shape;
        if (info.type == ElementType::fp32) {
            const TensorId zero = input("zero", HostTensor(ElementType::fp32, {s[1]}));
            operation(OpKind::bias_forward, NoParams{}, {id, zero}, {unchecked("blocked", ElementType::fp32, s)});
        } else if (s.rank() == 4) {
            const PoolParams window{s[0], s[1], s[2], s[3], 1, 1, s[2], s[3], {1, 1}, {0, 0}, {}};
            operation(OpKind::max_pool_forward, window, {id}, {unchecked("blocked", ElementType::mantissa, s)});
        } else {
            operation(OpKind::bias_gradient, NoParams{}, {id}, {unchecked("blocked", ElementType::fp32, {s[1]})});
        }
    }

    void check(bool expose = false) const {
        for (const fast::Isa isa : fast::supported_isas()) {
            for (const int threads : {1, 2, 3}) {
                const fast::StreamFrom stream(threads == 2 ? 0 : fast::streamed_bytes());
                const auto backend = fast::make_backend(isa, threads);
                const auto plan = backend->prepare(graph_, {.expose = expose});
                for (const auto& [id, value] : inputs_) plan->bind(id, value);
                plan->run_all(context);
                for (const auto& [id, value] : expected_) {
                    ASSERT_EQ(difference(plan->read(id), value), "")
                        << graph_.tensor_name(id) << " on " << backend->isa() << ", " << threads << " threads";
                }
            }
        }
    }
    /// The outputs of all operations, or the error, must be those of another backend. Gives whether there was an error.
    bool check_against(Backend& other) const {
        const auto run = [&](Backend& backend) -> std::pair<std::unique_ptr<Plan>, std::string> {
            auto plan = backend.prepare(graph_, {.expose = true});
            for (const auto& [id, value] : inputs_) plan->bind(id, value);
            try {
                plan->run_all(context);
            } catch (const InputError& error) {
                return {std::move(plan), error.what()};
            }
            return {std::move(plan), ""};
        };
        const auto [expected, error] = run(other);
        for (const fast::Isa isa : fast::supported_isas()) {
            for (const int threads : {1, 2, 3}) {
                const fast::StreamFrom stream(threads == 2 ? 0 : fast::streamed_bytes());
                const auto backend = fast::make_backend(isa, threads);
                const auto [got, got_error] = run(*backend);
                EXPECT_EQ(got_error.empty(), error.empty()) << backend->isa() << ": " << got_error << " / " << error;
                if (!error.empty() || !got_error.empty()) continue;
                compare_outputs(*got, *expected, backend->isa() + ", " + std::to_string(threads) + " threads");
            }
        }
        return !error.empty();
    }
    /// Every ISA must throw an InputError that contains all the texts.
    void check_error(const std::vector<std::string>& texts) const {
        for (const fast::Isa isa : fast::supported_isas()) {
            const auto backend = fast::make_backend(isa, 2);
            const auto plan = backend->prepare(graph_, {});
            for (const auto& [id, value] : inputs_) plan->bind(id, value);
            try {
                plan->run_all(context);
                FAIL() << "no error on " << backend->isa();
            } catch (const InputError& error) {
                for (const std::string& text : texts) {
                    ASSERT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
                }
            }
        }
    }

    const Graph& graph() const { return graph_; }

private:
    void compare_outputs(const Plan& got, const Plan& expected, const std::string& where) const {
        for (const Operation& operation : graph_.operations) {
            for (const TensorId id : operation.outputs) {
                ASSERT_EQ(difference(got.read(id), expected.read(id)), "")
                    << dfp16::name_of(operation.kind) << ", " << graph_.tensor_name(id) << " on " << where;
            }
        }
    }

    Graph graph_;
    std::vector<std::pair<TensorId, HostTensor>> inputs_;
    std::vector<std::pair<TensorId, HostTensor>> expected_;
};

}  // namespace dfp16::test
