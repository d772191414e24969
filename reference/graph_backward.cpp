// The backward half of a step, and the updates.
#include <algorithm>

#include "reference/graph_builder.h"
#include "sim/types/error.h"

namespace dfp16 {

/// The gradient of layer i's output: the sum of what its consumers sent, the first consumer first.
TensorId GraphBuilder::gradient_of(std::size_t i) {
    auto& parts = gradients_[i];
    std::reverse(parts.begin(), parts.end());  // consumers were visited from the last
    TensorId total = parts[0];
    for (std::size_t k = 1; k < parts.size(); ++k) {
        const std::string name = parts.size() == 2 ? "dy" : "dy" + std::to_string(k);
        const TensorId sum = tensor(layer(i).name, name, dfp(), shape_of(total));
        emit(OpKind::add, layer(i).name, Pass::backward_data, AddParams{rounding(sum), false}, {total, parts[k]},
             {sum});
        total = sum;
    }
    return total;
}

void GraphBuilder::send(std::size_t i, std::size_t which, TensorId gradient) {
    const int to = layers_[i].inputs[which];
    if (to >= 0) gradients_[static_cast<std::size_t>(to)].push_back(gradient);
}

/// dx32, an FP32 gradient, as the layer stores it: FP32 where a layer that is kept so reads it from the loss.
TensorId GraphBuilder::store_gradient(std::size_t i, TensorId dx32) {
    const int to = layers_[i].inputs[0];
    const bool kept = layer(i).type == LayerType::loss && to >= 0 && fp32_[static_cast<std::size_t>(to)];
    if (int16() && !kept) return quantize(layer(i).name, Pass::backward_data, dx32, "dx");
    step_.graph.tensors[dx32].storage = Storage::stored;
    step_.graph.tensors[dx32].name = "dx";
    return dx32;
}

/// A DFP-16 gradient that has just been written, for this mask alone, is kept masked only.
TensorId GraphBuilder::masked(std::size_t i, TensorId dy, const std::string& name, Storage storage) {
    if (!layer(i).relu) return dy;
    const Operation& writer = step_.graph.operations.back();
    const bool once =
        writer.kind == OpKind::quantize || writer.kind == OpKind::add || writer.kind == OpKind::max_pool_backward;
    if (int16() && writer.outputs[0] == dy && once) {
        step_.graph.tensors[dy].storage = Storage::transient;
        storage = Storage::stored;
    }
    const TensorId dz = tensor(layer(i).name, name, is_fp32(dy) ? ElementType::fp32 : dfp(), shape_of(dy), storage);
    emit(OpKind::relu_backward, layer(i).name, Pass::backward_data, NoParams{}, {dy, *outputs_[i]}, {dz});
    return dz;
}

void GraphBuilder::backward(std::size_t i) {
    if (layer(i).type == LayerType::loss) return backward_loss(i);
    if (gradients_[i].empty()) throw InputError("layer " + layer(i).name + " does not reach the loss");
    const TensorId dy = gradient_of(i);
    switch (layer(i).type) {
        case LayerType::conv:
        case LayerType::fc: return backward_weights(i, dy);
        case LayerType::batch_norm: return backward_batch_norm(i, dy);
        case LayerType::max_pool:
        case LayerType::average_pool: return backward_pool(i, dy);
        case LayerType::lrn: return backward_lrn(i, dy);
        case LayerType::dropout: return backward_dropout(i, dy);
        case LayerType::concat: return backward_concat(i, dy);
        case LayerType::add: return backward_add(i, dy);
        case LayerType::loss: return;
    }
}

void GraphBuilder::backward_loss(std::size_t i) {
    const TensorId dz = transient(i, "dx32", layers_[i].input);
    emit(OpKind::softmax_backward, layer(i).name, Pass::backward_data, LossParams{layer(i).weight},
         {probabilities_[i], step_.labels}, {dz});
    send(i, 0, store_gradient(i, dz));
}

void GraphBuilder::backward_weights(std::size_t i, TensorId dy) {
    const Layer& l = layer(i);
    const Weights& weights = weights_[i];
    const bool conv = l.type == LayerType::conv;
    const TensorId dz = masked(i, dy, "dz", Storage::transient);
    const bool kept = fp32_[i] && int16();
    const TensorId operand = kept ? dequantized(i, Pass::weight_gradient, dz, "dz32") : dz;
    const TensorId x = operand_of(i, Pass::weight_gradient);
    const TensorId dw = tensor(l.name, "dw", ElementType::fp32, shape_of(weights.w));
    emit(conv ? OpKind::conv_weight_gradient : OpKind::fc_weight_gradient, l.name, Pass::weight_gradient,
         product_params(i), {x, operand}, {dw});
    updates_.push_back({l.name, "w", weights.w, dw, true});
    if (l.bias) {
        const TensorId db = tensor(l.name, "db", ElementType::fp32, shape_of(weights.b));
        emit(OpKind::bias_gradient, l.name, Pass::weight_gradient, NoParams{}, {dz}, {db});
        updates_.push_back({l.name, "b", weights.b, db, false});
    }
    if (layers_[i].inputs[0] < 0) return;
    const TensorId dx = transient(i, "dx32", layers_[i].input);
    emit(conv ? OpKind::conv_backward_data : OpKind::fc_backward_data, l.name, Pass::backward_data, product_params(i),
         {operand, weights.operand}, {dx});
    send(i, 0, store_gradient(i, dx));
}

void GraphBuilder::backward_batch_norm(std::size_t i, TensorId dy) {
    const std::string& name = layer(i).name;
    const Normalization& n = normalizations_[i];
    const TensorId dz = masked(i, dy, "dz", Storage::transient);
    const TensorId dx = transient(i, "dx32", layers_[i].input);
    const TensorId dgamma = tensor(name, "dgamma", ElementType::fp32, shape_of(n.gamma));
    const TensorId dbeta = tensor(name, "dbeta", ElementType::fp32, shape_of(n.gamma));
    emit(OpKind::batch_norm_backward, name, Pass::backward_data, BatchNormParams{},
         {input_of(i), dz, n.gamma, n.mean, n.invstd}, {dx, dgamma, dbeta});
    updates_.push_back({name, "gamma", n.gamma, dgamma, false});
    updates_.push_back({name, "beta", n.beta, dbeta, false});
    send(i, 0, store_gradient(i, dx));
}

void GraphBuilder::backward_pool(std::size_t i, TensorId dy) {
    const std::string& name = layer(i).name;
    if (layer(i).type == LayerType::max_pool) {
        const TensorId dx = tensor(name, "dx", dfp(), layers_[i].input);
        emit(OpKind::max_pool_backward, name, Pass::backward_data, pool_params(i, dx), {input_of(i), dy}, {dx});
        return send(i, 0, dx);
    }
    const TensorId dz = masked(i, dy, "dz", Storage::transient);
    const TensorId dx = transient(i, "dx32", layers_[i].input);
    emit(OpKind::average_pool_backward, name, Pass::backward_data, pool_params(i, dx), {dz}, {dx});
    send(i, 0, store_gradient(i, dx));
}

void GraphBuilder::backward_lrn(std::size_t i, TensorId dy) {
    const TensorId dz = masked(i, dy, "dz", Storage::transient);
    const TensorId dx = transient(i, "dx32", layers_[i].input);
    emit(OpKind::lrn_backward, layer(i).name, Pass::backward_data, layer(i).lrn, {input_of(i), dz}, {dx});
    send(i, 0, store_gradient(i, dx));
}

void GraphBuilder::backward_dropout(std::size_t i, TensorId dy) {
    const TensorId dz = masked(i, dy, "dz", Storage::transient);
    const TensorId dx = transient(i, "dx32", layers_[i].input);
    emit(OpKind::dropout_backward, layer(i).name, Pass::backward_data, DropoutParams{layer(i).rate, dropped_[i]}, {dz},
         {dx});
    send(i, 0, store_gradient(i, dx));
}

void GraphBuilder::backward_concat(std::size_t i, TensorId dy) {
    const Shape& whole = layers_[i].output;
    std::vector<TensorId> parts;
    for (const std::int64_t channels : layers_[i].input_channels) {
        const std::string name = "dx" + std::to_string(parts.size());
        parts.push_back(tensor(layer(i).name, name, dfp(), {whole[0], channels, whole[2], whole[3]}));
    }
    emit(OpKind::concat_backward, layer(i).name, Pass::backward_data, concat_params(i, dy), {dy}, parts);
    for (std::size_t which = 0; which < parts.size(); ++which) send(i, which, parts[which]);
}

void GraphBuilder::backward_add(std::size_t i, TensorId dy) {
    const TensorId dx = masked(i, dy, "dx", Storage::stored);
    send(i, 0, dx);
    send(i, 1, dx);
}

void GraphBuilder::add_update(const Update& update) {
    const TensorId momentum = statistic(update.layer, update.name + ".momentum", shape_of(update.w), 0.0f);
    emit(OpKind::sgd_update, update.layer, Pass::update,
         SgdParams{options_.momentum, update.decay ? options_.weight_decay : 0.0f},
         {update.w, momentum, update.gradient}, {update.w, momentum});
}

}  // namespace dfp16
