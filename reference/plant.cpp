#include "reference/plant.h"

#include <charconv>
#include <utility>
#include <vector>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

template <typename Integer>
Integer number_of(const std::string& text, const std::string& what, const std::string& field) {
    Integer value{};
    const char* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || parsed != end || text.empty()) {
        throw InputError("fault '" + what + "': " + field + " '" + text + "', expected a number");
    }
    return value;
}

/// Where the fault goes in a graph.
struct Place {
    TensorId id = 0;
    std::size_t operation = 0;
    bool exponent = false;
};

bool ends_with_exponent(const std::string& name) {
    return name.ends_with(".exponent");
}

Place place_of(const Graph& graph, const Fault& fault, const Plan& plan) {
    const bool exponent = ends_with_exponent(fault.tensor);
    const std::string name = exponent ? fault.tensor.substr(0, fault.tensor.size() - 9) : fault.tensor;
    std::string known;
    std::string layers;
    bool found = false;
    Place place;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const Operation& operation = graph.operations[i];
        if (layers.empty() || !layers.ends_with(operation.layer))
            layers += (layers.empty() ? "" : ", ") + operation.layer;
        if (operation.layer != fault.layer || operation.pass != fault.pass) continue;
        for (const TensorId id : operation.outputs) {
            if (!plan.readable(id) || graph.tensors[id].storage != Storage::stored) continue;
            known += (known.empty() ? "" : ", ") + graph.tensors[id].name;
            if (graph.tensors[id].name != name) continue;
            place = {id, i, exponent};
            found = true;
        }
    }
    if (found) return place;
    const std::string where = "layer " + fault.layer + ", pass " + dfp16::name_of(fault.pass);
    if (known.empty()) throw InputError("fault: " + where + " stores no tensor, expected one of another layer or pass");
    throw InputError("fault: " + where + " stores no tensor '" + fault.tensor + "', expected one of " + known);
}

class PlantPlan : public Plan {
public:
    PlantPlan(const Graph& graph, std::unique_ptr<Plan> plan, const Fault& fault)
        : plan_(std::move(plan)), fault_(fault), place_(place_of(graph, fault, *plan_)) {
        const TensorInfo& info = graph.tensors[place_.id];
        const int bits = place_.exponent ? 7 : info.type == ElementType::mantissa ? 16 : 32;
        const std::int64_t elements = place_.exponent ? 1 : info.shape.elements();
        if (place_.exponent && info.type != ElementType::mantissa) {
            throw InputError("fault: tensor " + info.layer + "." + info.name + " has no exponent");
        }
        if (fault.index < 0 || fault.index >= elements) {
            throw InputError("fault: index " + std::to_string(fault.index) + " of " + info.layer + "." + info.name +
                             ", expected 0 to " + std::to_string(elements - 1));
        }
        if (fault.bit < 0 || fault.bit >= bits) {
            throw InputError("fault: bit " + std::to_string(fault.bit) + " of " + info.layer + "." + info.name +
                             ", expected 0 to " + std::to_string(bits - 1));
        }
    }

    std::span<const Segment> segments() const override { return plan_->segments(); }
    void bind(TensorId id, const HostTensor& value) override { plan_->bind(id, value); }
    bool readable(TensorId id) const override { return plan_->readable(id); }
    HostTensor read(TensorId id) const override { return plan_->read(id); }

    void run(std::size_t index, const RunContext& context) override {
        plan_->run(index, context);
        const Segment segment = segments()[index];
        if (context.step != fault_.step || place_.operation < segment.first ||
            place_.operation >= segment.first + segment.count) {
            return;
        }
        HostTensor value = plan_->read(place_.id);
        if (place_.exponent) {
            value.exponent.value ^= 1 << fault_.bit;
        } else {
            value.flip_bit(fault_.index, fault_.bit);
        }
        plan_->bind(place_.id, value);
    }

private:
    std::unique_ptr<Plan> plan_;
    Fault fault_;
    Place place_;
};

}  // namespace

Fault fault_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ':') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    if (parts.size() != 6) throw InputError("fault '" + text + "', expected STEP:LAYER:PASS:TENSOR:INDEX:BIT");
    return {number_of<std::uint32_t>(parts[0], text, "step"),
            parts[1],
            pass_of(parts[2]),
            parts[3],
            number_of<std::int64_t>(parts[4], text, "index"),
            number_of<int>(parts[5], text, "bit")};
}

std::unique_ptr<Plan> Plant::prepare(const Graph& graph, const PlanOptions& options) {
    auto plan = backend_.prepare(graph, options);
    if (options.expose) return plan;
    return std::make_unique<PlantPlan>(graph, std::move(plan), fault_);
}

}  // namespace dfp16
