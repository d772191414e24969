// A graph made ready for the fast path.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fastpath/execute.h"
#include "fastpath/fusion.h"
#include "fastpath/isa.h"
#include "fastpath/layout_choice.h"
#include "fastpath/memory.h"
#include "fastpath/tensor.h"
#include "reference/interface/backend.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

/// Stored tensors have buffers of their own. Transient ones share scratch memory, or are folded into the operation that
/// reads them (fusion.h); exposed, they are like stored ones.
class FastPlan : public Plan {
public:
    /// The graph must outlive the plan. Throws InputError for what validate() rejects and for FP32 graphs.
    FastPlan(const Graph& graph, const PlanOptions& options, Isa isa, std::shared_ptr<ThreadPool> pool);

    std::span<const Segment> segments() const override { return segments_; }
    void bind(TensorId id, const HostTensor& value) override;
    void run(std::size_t segment, const RunContext& context) override;
    bool readable(TensorId id) const override;
    HostTensor read(TensorId id) const override;

private:
    void allocate(const PlanOptions& options, const std::vector<Layout>& layouts, const std::vector<bool>& wants_bits);
    std::vector<bool> give_up_memory(const std::vector<TensorId>& keep, Fusion& fusion) const;
    /// What was found of the tensor, before it changes.
    void forget(Tensor& tensor);
    void run_operation(const Operation& operation, const RunContext& context);
    /// The tensor in the layout that the operation requires: itself, or one in the workspace. `copy`: with its
    /// elements.
    Tensor* adapted(const Operation& operation, Side side, std::size_t index, bool copy);

    const Graph& graph_;
    std::function<void(std::size_t, double)> observe_;
    std::vector<Segment> segments_;
    Isa isa_;
    std::shared_ptr<ThreadPool> pool_;
    std::vector<Tensor> tensors_;
    std::multimap<const Tensor*, Tensor*> multiplied_;   ///< by factor: whose statistics have products with it
    std::vector<bool> readable_;                         ///< by tensor
    std::vector<std::optional<std::size_t>> works_for_;  ///< by operation: whose time its time is
    AlignedBuffer owned_;                                ///< tensors that nothing shares memory with
    AlignedBuffer scratch_;
    Sources sources_;
    // Of the operation that runs:
    Workspace workspace_;
    std::deque<Tensor> adapted_;
};

}  // namespace dfp16::fast
