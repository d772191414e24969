// What an operation of the FP32 twin gets.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "reference/fp32/gemm.h"
#include "reference/interface/backend.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fp32 {

/// Buffers that grow and are kept from step to step.
class Scratch {
public:
    explicit Scratch(int threads) : slots_(static_cast<std::size_t>(threads)) {}

    /// One of a thread's buffers, with room for `count` elements; contents are left over from the last use.
    float* of_thread(int thread, std::size_t slot, std::int64_t count) {
        return grown(slots_[static_cast<std::size_t>(thread)][slot], count);
    }
    /// One for all threads.
    float* shared(std::int64_t count) { return grown(shared_, count); }

private:
    static float* grown(std::vector<float>& buffer, std::int64_t count) {
        if (buffer.size() < static_cast<std::size_t>(count)) buffer.resize(static_cast<std::size_t>(count));
        return buffer.data();
    }

    std::vector<std::array<std::vector<float>, 2>> slots_;
    std::vector<float> shared_;
};

/// One operation of a validated FP32 graph, with its tensors.
struct Call {
    const Graph& graph;
    const Operation& operation;
    std::vector<HostTensor>& tensors;
    ThreadPool& pool;
    Scratch& scratch;
    Gemm gemm;
    RunContext run;

    const HostTensor& input_tensor(std::size_t i) const { return tensors[operation.inputs[i]]; }
    const float* input(std::size_t i) const { return input_tensor(i).fp32().data(); }
    float* output(std::size_t i) const { return tensors[operation.outputs[i]].fp32().data(); }
    template <typename Params>
    const Params& params() const {
        return std::get<Params>(operation.params);
    }
    /// "conv1.y (1,0,5,27)", for messages.
    std::string element(TensorId id, std::int64_t index) const {
        return graph.tensor_name(id) + " " + graph.tensors[id].shape.coordinates(index);
    }
};

/// Calls body(first, end) for parts of [0, count), shared among threads.
template <typename Body>
void for_parts(ThreadPool& pool, std::int64_t count, const Body& body) {
    constexpr std::int64_t kPart = 32768;
    if (count <= kPart) return body(std::int64_t{0}, count);  // not worth waking the threads
    pool.parallel_for((count + kPart - 1) / kPart,
                      [&](std::int64_t part, int) { body(part * kPart, std::min(count, (part + 1) * kPart)); });
}

/// A shape (N, C, ...) as images, channels, and pixels of a channel.
struct Planes {
    std::int64_t N = 0, C = 0, pixels = 0;
    explicit Planes(const Shape& shape) : N(shape[0]), C(shape[1]), pixels(shape.elements() / (shape[0] * shape[1])) {}
};

}  // namespace dfp16::fp32
