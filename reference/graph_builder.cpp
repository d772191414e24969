#include "reference/graph_builder.h"

#include <algorithm>
#include <utility>

#include "reference/fp32_layers.h"
#include "sim/types/error.h"

namespace dfp16 {

GraphBuilder::GraphBuilder(const Network& network, const GraphOptions& options, bool training)
    : options_(options),
      training_(training),
      layers_(resolve(network, options.batch)),
      fp32_(fp32_layers_of(network, options.fp32_layers)),
      outputs_(layers_.size()) {
    const InputSize& in = network.input;
    find_consumers();
    step_.images = tensor("data", "images", ElementType::fp32, {options.batch, in.channels, in.height, in.width});
    step_.labels = tensor("data", "labels", ElementType::label, {options.batch});
}

StepGraph GraphBuilder::build() {
    if (!int16()) data_ = step_.images;
    if (int16() && reads_images_as_dfp()) data_ = quantize("data", Pass::forward, step_.images, "y");
    for (std::size_t i = 0; i < layers_.size(); ++i) forward(i);
    if (training_) {
        for (std::size_t i = layers_.size(); i-- > 0;) backward(i);
        for (const Update& update : updates_) add_update(update);
    }
    validate(step_.graph);
    return std::move(step_);
}

TensorId GraphBuilder::tensor(const std::string& layer, const std::string& name, ElementType type, const Shape& shape,
                              Storage storage, bool persistent) {
    return step_.graph.add_tensor({layer, name, type, shape, storage, persistent});
}

TensorId GraphBuilder::transient(std::size_t i, const std::string& name, const Shape& shape) {
    return tensor(layer(i).name, name, ElementType::fp32, shape, Storage::transient);
}

void GraphBuilder::emit(OpKind kind, const std::string& layer, Pass pass, OpParams params, std::vector<TensorId> inputs,
                        std::vector<TensorId> outputs) {
    step_.graph.add_operation({kind, layer, pass, std::move(params), std::move(inputs), std::move(outputs)});
}

RoundingParams GraphBuilder::rounding(TensorId output) const {
    return {options_.headroom, options_.rounding, static_cast<std::uint32_t>(output)};
}

TensorId GraphBuilder::quantize(const std::string& layer, Pass pass, TensorId x, const std::string& name) {
    const TensorId y = tensor(layer, name, ElementType::mantissa, shape_of(x));
    emit(OpKind::quantize, layer, pass, rounding(y), {x}, {y});
    return y;
}

TensorId GraphBuilder::dequantized(std::size_t i, Pass pass, TensorId x, const std::string& name) {
    if (is_fp32(x)) return x;
    const TensorId values = transient(i, name, shape_of(x));
    emit(OpKind::dequantize, layer(i).name, pass, NoParams{}, {x}, {values});
    return values;
}

void GraphBuilder::find_consumers() {
    consumers_.resize(layers_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (!present(i)) continue;
        for (const int input : layers_[i].inputs) {
            if (input >= 0) consumers_[static_cast<std::size_t>(input)].push_back(i);
        }
    }
}

bool GraphBuilder::feeds(std::size_t i, LayerType type) const {
    return std::any_of(consumers_[i].begin(), consumers_[i].end(),
                       [&](std::size_t c) { return layer(c).type == type; });
}

/// Whether someone reads the quantized output: everyone but the loss.
bool GraphBuilder::needs_y(std::size_t i) const {
    return std::any_of(consumers_[i].begin(), consumers_[i].end(),
                       [&](std::size_t c) { return layer(c).type != LayerType::loss; });
}

bool GraphBuilder::reads_images_as_dfp() const {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (!present(i) || fp32_[i]) continue;
        if (std::any_of(layers_[i].inputs.begin(), layers_[i].inputs.end(), [](int input) { return input < 0; }))
            return true;
    }
    return false;
}

TensorId GraphBuilder::input_of(std::size_t i, std::size_t which) const {
    const int from = layers_[i].inputs[which];
    return from < 0 ? data_.value() : outputs_[static_cast<std::size_t>(from)].value();
}

TensorId GraphBuilder::operand_of(std::size_t i, Pass pass) {
    if (!fp32_[i] || !int16()) return input_of(i);
    if (layers_[i].inputs[0] < 0) return step_.images;
    return dequantized(i, pass, input_of(i), pass == Pass::forward ? "x32" : "x32.again");
}

TensorId GraphBuilder::logits_of(std::size_t i) const {
    const TensorId logits = input_of(i);
    if (is_fp32(logits)) return logits;
    throw InputError("layer " + layer(i).name +
                     ": its input has no FP32 form, expected a convolution, fc or average pool before it");
}

Accumulation GraphBuilder::accumulation(std::size_t i) const {
    return fp32_[i] && int16() ? Accumulation{.policy = Policy::fma} : options_.accumulation;
}

OpParams GraphBuilder::product_params(std::size_t i) const {
    const ResolvedLayer& r = layers_[i];
    const Layer& l = *r.layer;
    if (l.type == LayerType::fc) {
        return FcParams{r.input[0], r.input.elements() / r.input[0], r.output[1], accumulation(i)};
    }
    return ConvParams{r.input[0],  r.input[1],  r.input[2], r.input[3], r.output[1], r.kernel[0],    r.kernel[1],
                      r.output[2], r.output[3], l.stride,   l.pad,      l.groups,    accumulation(i)};
}

PoolParams GraphBuilder::pool_params(std::size_t i, TensorId output) const {
    const ResolvedLayer& r = layers_[i];
    const Layer& l = *r.layer;
    return {r.input[0],  r.input[1],  r.input[2], r.input[3], r.kernel[0],      r.kernel[1],
            r.output[2], r.output[3], l.stride,   l.pad,      rounding(output), l.size};
}

ConcatParams GraphBuilder::concat_params(std::size_t i, TensorId output) const {
    return {layers_[i].input_channels, rounding(output)};
}

}  // namespace dfp16
