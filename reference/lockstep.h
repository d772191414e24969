// A decorator: runs a tested backend, and golden beside it on the same inputs, and compares every output.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "reference/interface/backend.h"

namespace dfp16 {

/// What was compared. An operation counts once each time all its outputs were compared.
struct LockstepCounts {
    std::int64_t steps = 0;
    std::int64_t operations_compared = 0;
    std::int64_t elements_compared = 0;
    std::int64_t bits_differ = 0;
};

/// Per segment: golden gets the segment's inputs as read from the tested backend, both run it, and every stored tensor
/// is compared. Segments with transient tensors also run in a second, exposed plan of the tested backend, whose
/// transients are compared too: so nothing goes unseen, and the fused plan that training uses is the one that trains.
/// run() throws MismatchError at the first difference.
class Lockstep : public Backend {
public:
    /// Steps with step % every == 0 are compared. The backends and `counts` must outlive the plans.
    Lockstep(Backend& tested, Backend& golden, std::uint32_t every, LockstepCounts& counts)
        : tested_(tested), golden_(golden), every_(every), counts_(counts) {}

    std::string name() const override { return tested_.name(); }
    std::string isa() const override { return tested_.isa(); }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override;

private:
    Backend& tested_;
    Backend& golden_;
    std::uint32_t every_;
    LockstepCounts& counts_;
};

/// What the dimensions of a tensor are called: "n,k,p,q" (outputs), "n,c,h,w" (dx), "k,c,r,s" (weights); by name and
/// rank.
std::string axes_of(const TensorInfo& tensor);

}  // namespace dfp16
