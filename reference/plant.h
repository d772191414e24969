// A decorator that plants a fault: one bit of one stored tensor, after the segment that writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "reference/interface/backend.h"

namespace dfp16 {

/// STEP:LAYER:PASS:TENSOR:INDEX:BIT. TENSOR may end in ".exponent": the fault is then in the exponent, INDEX 0.
struct Fault {
    std::uint32_t step = 0;
    std::string layer;
    Pass pass = Pass::forward;
    std::string tensor;
    std::int64_t index = 0;
    int bit = 0;
};

/// Throws InputError that says what is wrong.
Fault fault_of(const std::string& text);

class Plant : public Backend {
public:
    /// The backend must outlive the plans.
    Plant(Backend& backend, Fault fault) : backend_(backend), fault_(std::move(fault)) {}

    std::string name() const override { return backend_.name(); }
    std::string isa() const override { return backend_.isa(); }
    /// Throws InputError if the graph has no such stored tensor (naming those that it has), index or bit. An exposed
    /// plan gets no fault.
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override;

private:
    Backend& backend_;
    Fault fault_;
};

}  // namespace dfp16
