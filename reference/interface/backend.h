// What executes a graph. Golden, fast, the FP32 twin, and the decorators around them are all seen through this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reference/interface/graph.h"
#include "reference/interface/host_tensor.h"

namespace dfp16 {

/// What changes from step to step.
struct RunContext {
    std::uint64_t seed = 1;
    std::uint32_t step = 0;
    float learning_rate = 0.0f;
};

struct PlanOptions {
    bool expose = false;  ///< write transient tensors too, so that they can be read
    /// Tensors that are not persistent may lose their memory to others after the last segment that reads or writes them,
    /// except those that no operation reads and those in `keep`. A run needs much less memory so.
    bool reuse_memory = false;
    std::vector<TensorId> keep{};
    /// Told of every operation how long it took, where a backend runs them one by one; may be empty. What was folded into
    /// another counts there; a convolution that leaves its result quantized counts as the convolution.
    std::function<void(std::size_t operation, double seconds)> observe{};
};

/// A graph made ready by one backend, with storage for its tensors.
class Plan {
public:
    virtual ~Plan() = default;
    virtual std::span<const Segment> segments() const = 0;
    /// Writes a tensor. Throws InputError if type or shape differ from the graph's.
    virtual void bind(TensorId id, const HostTensor& value) = 0;
    /// Runs the operations of segments()[segment]. Throws InputError for NaN, Inf or a result beyond FP32, naming
    /// tensor and index.
    virtual void run(std::size_t segment, const RunContext& context) = 0;
    /// Whether read() can give this tensor: stored tensors, and exposed transients.
    virtual bool readable(TensorId id) const = 0;
    /// A tensor in logical order.
    virtual HostTensor read(TensorId id) const = 0;

    void run_all(const RunContext& context) {
        for (std::size_t segment = 0; segment < segments().size(); ++segment) run(segment, context);
    }
};

class Backend {
public:
    virtual ~Backend() = default;
    /// "golden", "fast", "fp32".
    virtual std::string name() const = 0;
    /// What runs the arithmetic: "scalar", "portable", "avx2", "avx512bw", "avx512vnni", "eigen".
    virtual std::string isa() const = 0;
    /// The graph must outlive the plan. Throws InputError where validate() does.
    virtual std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) = 0;
};

}  // namespace dfp16
