#include "fastpath/plan.h"

#include <chrono>
#include <utility>

#include "fastpath/elementwise/kernels.h"
#include "fastpath/fusion.h"
#include "fastpath/int16_graph.h"
#include "fastpath/layout_conversion.h"
#include "fastpath/scratch.h"
#include "fastpath/wanted_statistics.h"
#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

/// By tensor: whether an operation writes it.
std::vector<bool> written_tensors(const Graph& graph) {
    std::vector<bool> written(graph.tensors.size(), false);
    for (const Operation& operation : graph.operations) {
        for (const TensorId id : operation.outputs) written[id] = true;
    }
    return written;
}

/// A host tensor seen as a plain tensor. The elements are not written through it if they are const.
Tensor view_of(const HostTensor& host) {
    Tensor tensor;
    tensor.type = host.type();
    tensor.shape = host.shape;
    tensor.layout = Layout::plain(host.shape);
    std::visit(
        [&](const auto& elements) {
            tensor.data = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(elements.data()));
        },
        host.data);
    return tensor;
}

}  // namespace

FastPlan::FastPlan(const Graph& graph, const PlanOptions& options, Isa isa, std::shared_ptr<ThreadPool> pool)
    : graph_(graph), observe_(options.observe), isa_(isa), pool_(std::move(pool)) {
    validate(graph);
    require_int16(graph);
    segments_ = segments_of(graph);
    const std::vector<Layout> layouts = choose_layouts(graph);
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        const TensorInfo& info = graph.tensors[id];
        Tensor& tensor = tensors_.emplace_back();
        tensor.name = graph.tensor_name(id);
        tensor.type = info.type;
        tensor.shape = info.shape;
        tensor.layout = layouts[id];
    }
    const WantedStatistics wanted = wanted_statistics(graph);
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        tensors_[id].wants_statistics = wanted.squares[id];
        if (!wanted.factor[id]) continue;
        tensors_[id].factor = &tensors_[*wanted.factor[id]];
        multiplied_.emplace(tensors_[id].factor, &tensors_[id]);
    }
    allocate(options, layouts, wanted.positive);
}

void FastPlan::forget(Tensor& tensor) {
    tensor.forget();
    const auto [first, last] = multiplied_.equal_range(&tensor);
    for (auto i = first; i != last; ++i) i->second->statistics.clear();
}

void FastPlan::allocate(const PlanOptions& options, const std::vector<Layout>& layouts,
                        const std::vector<bool>& wants_bits) {
    Fusion fusion = fuse(graph_, segments_, layouts, options.expose);
    works_for_ = fusion.works_for;
    const std::vector<bool> written = written_tensors(graph_);
    const std::vector<bool> reusable = options.reuse_memory && !options.expose ? give_up_memory(options.keep, fusion)
                                                                               : std::vector<bool>(tensors_.size());
    std::vector<bool> in_scratch(tensors_.size());
    std::vector<std::size_t> bytes;
    for (TensorId id = 0; id < tensors_.size(); ++id) {
        const bool transient = graph_.tensors[id].storage == Storage::transient && !options.expose;
        readable_.push_back(!transient || !written[id]);
        in_scratch[id] = written[id] && !fusion.folded[id] && (transient || reusable[id]);
        bytes.push_back(tensors_[id].bytes());
    }
    const Scratch scratch = plan_scratch(graph_, in_scratch, fusion.last_use, bytes);
    scratch_ = AlignedBuffer(scratch.bytes);
    // One piece, so that small tensors have large pages too.
    std::vector<std::size_t> offsets;
    std::vector<std::size_t> bit_offsets;
    std::size_t owned = 0;
    const auto take = [&](std::vector<std::size_t>& places, std::size_t size) {
        places.push_back(owned);
        owned += aligned_size(size);
    };
    const auto has_bits = [&](TensorId id) {
        return wants_bits[id] && !fusion.folded[id] && layouts[id].blocked &&
               tensors_[id].type == ElementType::mantissa;
    };
    for (TensorId id = 0; id < tensors_.size(); ++id) {
        take(offsets, fusion.folded[id] || in_scratch[id] ? 0 : bytes[id]);
        take(bit_offsets, has_bits(id) ? static_cast<std::size_t>(layouts[id].elements() / kBlock) * 2 : 0);
    }
    owned_ = AlignedBuffer(owned);
    for (TensorId id = 0; id < tensors_.size(); ++id) {
        if (has_bits(id))
            tensors_[id].positive.memory = reinterpret_cast<std::uint16_t*>(owned_.data() + bit_offsets[id]);
        if (fusion.folded[id]) continue;
        tensors_[id].data = in_scratch[id] ? scratch_.data() + *scratch.offsets[id] : owned_.data() + offsets[id];
    }
}

// Which stored tensors need no memory of their own. They last until their last segment ends, so that whoever runs
// segment by segment can read them.
std::vector<bool> FastPlan::give_up_memory(const std::vector<TensorId>& keep, Fusion& fusion) const {
    std::vector<bool> reusable(tensors_.size(), false);
    std::vector<bool> written(tensors_.size(), false);
    std::vector<TensorId> read_first;
    for (const Operation& operation : graph_.operations) {
        for (const TensorId id : operation.inputs) {
            const TensorInfo& info = graph_.tensors[id];
            reusable[id] = written[id] && info.storage == Storage::stored && !info.persistent;
            if (!written[id]) read_first.push_back(id);
        }
        for (const TensorId id : operation.outputs) written[id] = true;
    }
    for (const TensorId id : read_first) reusable[id] = false;  // what is bound from outside stays
    for (const TensorId id : keep) reusable[id] = false;
    for (const Segment& segment : segments_) {
        const std::size_t last = segment.first + segment.count - 1;
        for (TensorId id = 0; id < tensors_.size(); ++id) {
            if (reusable[id] && fusion.last_use[id] >= segment.first && fusion.last_use[id] < last) {
                fusion.last_use[id] = last;
            }
        }
    }
    return reusable;
}

bool FastPlan::readable(TensorId id) const {
    return id < readable_.size() && readable_[id];
}

void FastPlan::bind(TensorId id, const HostTensor& value) {
    Tensor& tensor = tensors_.at(id);
    if (value.type() != tensor.type || value.shape != tensor.shape) {
        throw InputError(tensor.name + ": " + dfp16::name_of(value.type()) + " " + value.shape.text() +
                         " given, expected " + dfp16::name_of(tensor.type) + " " + tensor.shape.text());
    }
    if (!readable(id)) throw InputError(tensor.name + ": transient, written by an operation, cannot be bound");
    convert_layout(*pool_, view_of(value), tensor);
    tensor.exponent = value.exponent.value;
    forget(tensor);
}

HostTensor FastPlan::read(TensorId id) const {
    const Tensor& tensor = tensors_.at(id);
    if (!readable(id)) throw InputError(tensor.name + ": transient, cannot be read unless exposed");
    HostTensor value(tensor.type, tensor.shape);
    convert_layout(*pool_, tensor, view_of(value));
    value.exponent.value = tensor.exponent;
    return value;
}

void FastPlan::run(std::size_t segment, const RunContext& context) {
    const Segment& operations = segments_.at(segment);
    for (std::size_t i = 0; i < operations.count; ++i) {
        const auto start = std::chrono::steady_clock::now();
        run_operation(graph_.operations[operations.first + i], context);
        const std::optional<std::size_t> worked_for = works_for_[operations.first + i];
        if (!observe_ || !worked_for) continue;
        observe_(*worked_for, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
}

Tensor* FastPlan::adapted(const Operation& operation, Side side, std::size_t index, bool copy) {
    Tensor& tensor = tensors_[side == Side::input ? operation.inputs[index] : operation.outputs[index]];
    const std::optional<Layout> layout = required_layout(operation, side, index, tensor.shape);
    if (!layout || *layout == tensor.layout) return &tensor;
    Tensor& other = adapted_.emplace_back(tensor);
    other.layout = *layout;
    other.positive = {};
    other.data = workspace_.take(other.bytes());
    if (copy) convert_layout(*pool_, tensor, other);
    return &other;
}

void FastPlan::run_operation(const Operation& operation, const RunContext& context) {
    workspace_.release_all();
    adapted_.clear();
    std::vector<Tensor*> inputs;
    std::vector<Tensor*> outputs;
    for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
        inputs.push_back(adapted(operation, Side::input, i, true));
    }
    for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
        outputs.push_back(adapted(operation, Side::output, i, false));
        outputs[i]->forget();
        forget(tensors_[operation.outputs[i]]);
    }
    execute({isa_, kernels_of(isa_), *pool_, workspace_, context}, operation, inputs, outputs, sources_);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        Tensor& tensor = tensors_[operation.outputs[i]];
        if (outputs[i] == &tensor) continue;
        convert_layout(*pool_, *outputs[i], tensor);
        tensor.exponent = outputs[i]->exponent;
        tensor.largest_mantissa = outputs[i]->largest_mantissa;
        tensor.non_negative = outputs[i]->non_negative;
        tensor.max_magnitude.reset();
    }
}

}  // namespace dfp16::fast
