// The forward half of a step.
#include <cmath>

#include "reference/graph_builder.h"
#include "sim/types/error.h"

namespace dfp16 {

void GraphBuilder::forward(std::size_t i) {
    const std::string& name = layer(i).name;
    if (!present(i)) {
        parameters_ += parameter_tensors_of(layer(i));
        return;
    }
    switch (layer(i).type) {
        case LayerType::conv:
        case LayerType::fc: return forward_weights(i);
        case LayerType::batch_norm: return forward_batch_norm(i);
        case LayerType::dropout: return forward_dropout(i);
        case LayerType::concat: return forward_concat(i);
        case LayerType::loss: return forward_loss(i);
        case LayerType::max_pool: {
            const TensorId y = dfp_output(i);
            return emit(OpKind::max_pool_forward, name, Pass::forward, pool_params(i, y), {input_of(i)}, {y});
        }
        case LayerType::average_pool: {
            const TensorId y = transient(i, "average", layers_[i].output);
            emit(OpKind::average_pool_forward, name, Pass::forward, pool_params(i, y), {input_of(i)}, {y});
            return finish(i, y);
        }
        case LayerType::lrn: {
            const TensorId y = transient(i, "normalized", layers_[i].output);
            emit(OpKind::lrn_forward, name, Pass::forward, layer(i).lrn, {input_of(i)}, {y});
            return finish(i, y);
        }
        case LayerType::add: return forward_add(i);
    }
}

TensorId GraphBuilder::dfp_output(std::size_t i) {
    const TensorId y = tensor(layer(i).name, "y", dfp(), layers_[i].output);
    outputs_[i] = y;
    return y;
}

/// The output of an FP32 result: ReLU if the layer has one, then quantize where it is asked for.
void GraphBuilder::finish(std::size_t i, TensorId y32) {
    const std::string& name = layer(i).name;
    const bool stored = !int16() || feeds(i, LayerType::loss);  // nothing is left but to keep the FP32 result
    if (layer(i).relu) {
        const TensorId activated = transient(i, "activated", shape_of(y32));
        emit(OpKind::relu_forward, name, Pass::forward, NoParams{}, {y32}, {activated});
        y32 = activated;
    }
    if (stored) {
        step_.graph.tensors[y32].storage = Storage::stored;
        step_.graph.tensors[y32].name = "y";
        outputs_[i] = y32;
        if (int16() && needs_y(i))
            throw InputError("layer " + name + " feeds the loss and another layer, expected the loss only");
        return;
    }
    if (needs_y(i)) outputs_[i] = quantize(name, Pass::forward, y32, "y");
}

TensorId GraphBuilder::parameter(const std::string& layer, const std::string& name, const Shape& shape,
                                 const NetworkState& start) {
    const TensorId id = tensor(layer, name, ElementType::fp32, shape, Storage::stored, true);
    step_.states.push_back(start);
    step_.states.back().tensor = id;
    step_.states.back().parameter = parameters_++;
    return id;
}

TensorId GraphBuilder::statistic(const std::string& layer, const std::string& name, const Shape& shape, float start) {
    const TensorId id = tensor(layer, name, ElementType::fp32, shape, Storage::stored, true);
    step_.states.push_back({.tensor = id, .scale = start});
    return id;
}

namespace {

NetworkState constant(float value) {
    return {.scale = value};
}

NetworkState weights_start(const WeightStart& start, std::int64_t fan_in) {
    const auto root = [&](double factor) {
        return static_cast<float>(std::sqrt(factor / static_cast<double>(fan_in)));
    };
    using Start = NetworkState::Start;
    switch (start.kind) {
        case WeightStart::Kind::msra_uniform: return {.start = Start::uniform, .scale = root(6.0)};
        case WeightStart::Kind::xavier: return {.start = Start::uniform, .scale = root(3.0)};
        case WeightStart::Kind::msra: return {.start = Start::gaussian, .scale = root(2.0)};
        case WeightStart::Kind::gaussian: return {.start = Start::gaussian, .scale = start.deviation};
    }
    return {};
}

}  // namespace

int parameter_tensors_of(const Layer& layer) {
    switch (layer.type) {
        case LayerType::conv:
        case LayerType::fc: return layer.bias ? 2 : 1;
        case LayerType::batch_norm: return 2;
        default: return 0;
    }
}

void GraphBuilder::forward_weights(std::size_t i) {
    const Layer& l = layer(i);
    const ResolvedLayer& r = layers_[i];
    const bool conv = l.type == LayerType::conv;
    const Shape shape = conv ? Shape{r.output[1], r.input[1] / l.groups, r.kernel[0], r.kernel[1]}
                             : Shape{r.output[1], r.input.elements() / r.input[0]};
    const WeightStart start = options_.start.value_or(l.start);
    Weights& weights = weights_[i];
    weights.w = parameter(l.name, "w", shape, weights_start(start, shape.elements() / shape[0]));
    if (l.bias) weights.b = parameter(l.name, "b", {r.output[1]}, constant(l.bias_start));
    weights.operand = int16() && !fp32_[i] ? quantize(l.name, Pass::forward, weights.w, "wq") : weights.w;
    const TensorId x = operand_of(i, Pass::forward);
    TensorId y = transient(i, "sum", r.output);
    emit(conv ? OpKind::conv_forward : OpKind::fc_forward, l.name, Pass::forward, product_params(i),
         {x, weights.operand}, {y});
    if (l.bias) {
        const TensorId biased = transient(i, "biased", r.output);
        emit(OpKind::bias_forward, l.name, Pass::forward, NoParams{}, {y, weights.b}, {biased});
        y = biased;
    }
    finish(i, y);
}

void GraphBuilder::forward_batch_norm(std::size_t i) {
    const std::string& name = layer(i).name;
    const Shape channels = {layers_[i].input[1]};
    Normalization& n = normalizations_[i];
    n.gamma = parameter(name, "gamma", channels, constant(1.0f));
    n.beta = parameter(name, "beta", channels, constant(0.0f));
    const TensorId running_mean = statistic(name, "running_mean", channels, 0.0f);
    const TensorId running_var = statistic(name, "running_var", channels, 1.0f);
    const TensorId y = transient(i, "normalized", layers_[i].output);
    const std::vector<TensorId> inputs = {input_of(i), n.gamma, n.beta, running_mean, running_var};
    if (training_) {
        n.mean = tensor(name, "mean", ElementType::fp32, channels);
        n.invstd = tensor(name, "invstd", ElementType::fp32, channels);
        emit(OpKind::batch_norm_forward, name, Pass::forward, BatchNormParams{}, inputs,
             {y, n.mean, n.invstd, running_mean, running_var});
    } else {
        emit(OpKind::batch_norm_inference, name, Pass::forward, BatchNormParams{}, inputs, {y});
    }
    finish(i, y);
}

/// In inference the layer is not there: its output is its input.
void GraphBuilder::forward_dropout(std::size_t i) {
    if (!training_) {
        const int from = layers_[i].inputs[0];
        outputs_[i] = from < 0 ? data_ : outputs_[static_cast<std::size_t>(from)];
        return;
    }
    const TensorId y = transient(i, "dropped", layers_[i].output);
    dropped_[i] = static_cast<std::uint32_t>(y);
    emit(OpKind::dropout_forward, layer(i).name, Pass::forward, DropoutParams{layer(i).rate, dropped_[i]},
         {input_of(i)}, {y});
    finish(i, y);
}

void GraphBuilder::forward_concat(std::size_t i) {
    std::vector<TensorId> inputs;
    for (std::size_t which = 0; which < layers_[i].inputs.size(); ++which) inputs.push_back(input_of(i, which));
    const TensorId y = dfp_output(i);
    emit(OpKind::concat_forward, layer(i).name, Pass::forward, concat_params(i, y), std::move(inputs), {y});
}

/// What batch norm has just written for this sum alone need not be kept: its own gradient is found from its input.
void GraphBuilder::forward_add(std::size_t i) {
    for (const int input : layers_[i].inputs) {
        if (input < 0 || !int16()) continue;
        const auto from = static_cast<std::size_t>(input);
        const bool last = step_.graph.operations.back().outputs[0] == outputs_[from];
        if (last && layer(from).type == LayerType::batch_norm && !layer(from).relu && consumers_[from].size() == 1) {
            step_.graph.tensors[*outputs_[from]].storage = Storage::transient;
        }
    }
    const TensorId y = dfp_output(i);
    emit(OpKind::add, layer(i).name, Pass::forward, AddParams{rounding(y), layer(i).relu},
         {input_of(i, 0), input_of(i, 1)}, {y});
}

void GraphBuilder::forward_loss(std::size_t i) {
    const std::string& name = layer(i).name;
    const TensorId logits = logits_of(i);
    const TensorId p = tensor(name, "p", ElementType::fp32, layers_[i].input);
    const TensorId loss = tensor(name, "loss", ElementType::fp32, {1});
    emit(OpKind::softmax_forward, name, Pass::forward, NoParams{}, {logits, step_.labels}, {p, loss});
    probabilities_[i] = p;
    if (layer(i).auxiliary) {
        step_.auxiliary_losses.push_back(loss);
        return;
    }
    step_.logits = logits;
    step_.loss = loss;
}

}  // namespace dfp16
