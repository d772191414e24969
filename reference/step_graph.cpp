#include "reference/step_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// What a layer leaves to others. An absent tensor was not asked for.
struct LayerOutput {
    std::optional<TensorId> y;    ///< DFP-16 (FP32 in an FP32 graph)
    std::optional<TensorId> y32;  ///< the FP32 result before quantize: for batch norm and the loss
};

class Builder {
public:
    Builder(const Network& network, const GraphOptions& options, bool training)
        : options_(options), training_(training), layers_(resolve(network, options.batch)) {
        const InputSize& in = network.input;
        find_consumers();
        step_.images = tensor("data", "images", ElementType::fp32, {options.batch, in.channels, in.height, in.width});
        step_.labels = tensor("data", "labels", ElementType::label, {options.batch});
    }

    StepGraph build() {
        data_ = int16() ? quantize("data", Pass::forward, step_.images, "y") : step_.images;
        for (std::size_t i = 0; i < layers_.size(); ++i) forward(i);
        if (training_) {
            for (std::size_t i = layers_.size(); i-- > 0;) backward(i);
            for (const Update& update : updates_) add_update(update);
        }
        validate(step_.graph);
        return std::move(step_);
    }

private:
    struct Update {
        std::string layer, name;
        TensorId w, gradient;
        bool decay;
    };

    bool int16() const { return options_.precision == Precision::int16; }
    ElementType dfp() const { return int16() ? ElementType::mantissa : ElementType::fp32; }
    const Layer& layer(std::size_t i) const { return *layers_[i].layer; }

    TensorId tensor(const std::string& layer, const std::string& name, ElementType type, const Shape& shape,
                    Storage storage = Storage::stored, bool persistent = false) {
        return step_.graph.add_tensor({layer, name, type, shape, storage, persistent});
    }
    TensorId transient(const std::string& layer, const std::string& name, ElementType type, const Shape& shape) {
        return tensor(layer, name, type, shape, Storage::transient);
    }
    Shape shape_of(TensorId id) const { return step_.graph.tensors[id].shape; }
    void emit(OpKind kind, const std::string& layer, Pass pass, OpParams params, std::vector<TensorId> inputs,
              std::vector<TensorId> outputs) {
        step_.graph.add_operation({kind, layer, pass, std::move(params), std::move(inputs), std::move(outputs)});
    }
    RoundingParams rounding(TensorId output) const {
        return {options_.headroom, options_.rounding, static_cast<std::uint32_t>(output)};
    }

    TensorId quantize(const std::string& layer, Pass pass, TensorId x, const std::string& name) {
        const TensorId y = tensor(layer, name, ElementType::mantissa, shape_of(x));
        emit(OpKind::quantize, layer, pass, rounding(y), {x}, {y});
        return y;
    }

    /// A learned tensor; weights also get their DFP-16 image.
    TensorId parameter(const std::string& layer, const std::string& name, const Shape& shape, NetworkState::Start start,
                       std::int64_t fan_in = 0) {
        const TensorId id = tensor(layer, name, ElementType::fp32, shape, Storage::stored, true);
        step_.states.push_back({id, start, fan_in, parameters_++});
        return id;
    }
    TensorId statistic(const std::string& layer, const std::string& name, const Shape& shape,
                       NetworkState::Start start) {
        const TensorId id = tensor(layer, name, ElementType::fp32, shape, Storage::stored, true);
        step_.states.push_back({id, start, 0, -1});
        return id;
    }

    void find_consumers() {
        consumers_.resize(layers_.size());
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            for (const int input : layers_[i].inputs) {
                if (input >= 0) consumers_[static_cast<std::size_t>(input)].push_back(i);
            }
        }
    }
    bool feeds(std::size_t i, LayerType type) const {
        return std::any_of(consumers_[i].begin(), consumers_[i].end(),
                           [&](std::size_t c) { return layer(c).type == type; });
    }
    /// Whether someone reads the quantized output: everyone but the loss, and batch norm in inference.
    bool needs_y(std::size_t i) const {
        return std::any_of(consumers_[i].begin(), consumers_[i].end(), [&](std::size_t c) {
            const LayerType type = layer(c).type;
            return type != LayerType::loss && (training_ || type != LayerType::batch_norm);
        });
    }

    /// The output of an FP32 result: ReLU if the layer has one, then quantize where it is asked for.
    void finish(std::size_t i, TensorId y32) {
        const std::string& name = layer(i).name;
        const bool stored = !int16() || feeds(i, LayerType::loss);  // nothing is left but to keep the FP32 result
        if (layer(i).relu) {
            const TensorId activated = transient(name, "activated", ElementType::fp32, shape_of(y32));
            emit(OpKind::relu_forward, name, Pass::forward, NoParams{}, {y32}, {activated});
            y32 = activated;
        }
        if (stored) {
            step_.graph.tensors[y32].storage = Storage::stored;
            step_.graph.tensors[y32].name = "y";
            outputs_[i] = {y32, y32};
            if (int16() && needs_y(i))
                throw InputError("layer " + name + " feeds the loss and another layer, expected the loss only");
            return;
        }
        outputs_[i].y32 = y32;
        if (needs_y(i)) outputs_[i].y = quantize(name, Pass::forward, y32, "y");
    }

    TensorId input_of(std::size_t i, std::size_t which = 0) const {
        const int from = layers_[i].inputs[which];
        return from < 0 ? data_ : *outputs_[static_cast<std::size_t>(from)].y;
    }
    TensorId input32_of(std::size_t i) const {
        const int from = layers_[i].inputs[0];
        if (from < 0 || !outputs_[static_cast<std::size_t>(from)].y32) {
            throw InputError("layer " + layer(i).name +
                             ": its input has no FP32 form, expected a convolution, fc or average pool before it");
        }
        return *outputs_[static_cast<std::size_t>(from)].y32;
    }

    OpParams conv_params(std::size_t i) const {
        const ResolvedLayer& r = layers_[i];
        const Layer& l = *r.layer;
        return ConvParams{r.input[0],  r.input[1],  r.input[2],           r.input[3],  r.output[1],
                          r.kernel[0], r.kernel[1], r.output[2],          r.output[3], l.stride,
                          l.pad,       l.groups,    options_.accumulation};
    }
    OpParams fc_params(std::size_t i) const {
        const ResolvedLayer& r = layers_[i];
        return FcParams{r.input[0], r.input.elements() / r.input[0], r.output[1], options_.accumulation};
    }
    PoolParams pool_params(std::size_t i, TensorId output) const {
        const ResolvedLayer& r = layers_[i];
        const Layer& l = *r.layer;
        return {r.input[0],  r.input[1],  r.input[2], r.input[3], r.kernel[0],     r.kernel[1],
                r.output[2], r.output[3], l.stride,   l.pad,      rounding(output)};
    }

    void forward(std::size_t i) {
        outputs_.resize(layers_.size());
        switch (layer(i).type) {
            case LayerType::conv:
            case LayerType::fc: return forward_weights(i);
            case LayerType::batch_norm: return forward_batch_norm(i);
            case LayerType::max_pool: {
                const TensorId y = tensor(layer(i).name, "y", dfp(), layers_[i].output);
                emit(OpKind::max_pool_forward, layer(i).name, Pass::forward, pool_params(i, y), {input_of(i)}, {y});
                outputs_[i].y = y;
                return;
            }
            case LayerType::average_pool: {
                const TensorId y = transient(layer(i).name, "average", ElementType::fp32, layers_[i].output);
                emit(OpKind::average_pool_forward, layer(i).name, Pass::forward, pool_params(i, y), {input_of(i)}, {y});
                return finish(i, y);
            }
            case LayerType::add: {
                const TensorId y = tensor(layer(i).name, "y", dfp(), layers_[i].output);
                emit(OpKind::add, layer(i).name, Pass::forward, AddParams{rounding(y), layer(i).relu},
                     {input_of(i, 0), input_of(i, 1)}, {y});
                outputs_[i].y = y;
                return;
            }
            case LayerType::loss: {
                step_.logits = input32_of(i);
                probabilities_ = tensor(layer(i).name, "p", ElementType::fp32, layers_[i].input);
                step_.loss = tensor(layer(i).name, "loss", ElementType::fp32, {1});
                emit(OpKind::softmax_forward, layer(i).name, Pass::forward, NoParams{}, {step_.logits, step_.labels},
                     {probabilities_, step_.loss});
                return;
            }
        }
    }

    void forward_weights(std::size_t i) {
        const Layer& l = layer(i);
        const ResolvedLayer& r = layers_[i];
        const bool conv = l.type == LayerType::conv;
        const Shape shape = conv ? Shape{r.output[1], r.input[1] / l.groups, r.kernel[0], r.kernel[1]}
                                 : Shape{r.output[1], r.input.elements() / r.input[0]};
        const std::int64_t fan_in = shape.elements() / shape[0];
        const TensorId w = parameter(l.name, "w", shape, NetworkState::Start::uniform, fan_in);
        weights_[i].w = w;
        if (l.bias) weights_[i].b = parameter(l.name, "b", {r.output[1]}, NetworkState::Start::zeros);
        weights_[i].wq = int16() ? quantize(l.name, Pass::forward, w, "wq") : w;
        TensorId y = transient(l.name, "sum", ElementType::fp32, r.output);
        emit(conv ? OpKind::conv_forward : OpKind::fc_forward, l.name, Pass::forward,
             conv ? conv_params(i) : fc_params(i), {input_of(i), weights_[i].wq}, {y});
        if (l.bias) {
            const TensorId biased = transient(l.name, "biased", ElementType::fp32, r.output);
            emit(OpKind::bias_forward, l.name, Pass::forward, NoParams{}, {y, weights_[i].b}, {biased});
            y = biased;
        }
        finish(i, y);
    }

    void forward_batch_norm(std::size_t i) {
        const std::string& name = layer(i).name;
        const Shape channels = {layers_[i].input[1]};
        Normalization& n = normalizations_[i];
        n.gamma = parameter(name, "gamma", channels, NetworkState::Start::ones);
        n.beta = parameter(name, "beta", channels, NetworkState::Start::zeros);
        const TensorId running_mean = statistic(name, "running_mean", channels, NetworkState::Start::zeros);
        const TensorId running_var = statistic(name, "running_var", channels, NetworkState::Start::ones);
        const TensorId y = transient(name, "normalized", ElementType::fp32, layers_[i].output);
        const std::vector<TensorId> inputs = {input32_of(i), n.gamma, n.beta, running_mean, running_var};
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

    /// The gradient of layer i's output: the sum of what its consumers sent, the first consumer first.
    TensorId gradient_of(std::size_t i) {
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
    void send(std::size_t i, std::size_t which, TensorId gradient) {
        const int to = layers_[i].inputs[which];
        if (to >= 0) gradients_[static_cast<std::size_t>(to)].push_back(gradient);
    }
    /// dx32, an FP32 gradient, as the layer stores it.
    TensorId store_gradient(std::size_t i, TensorId dx32) {
        if (int16()) return quantize(layer(i).name, Pass::backward_data, dx32, "dx");
        step_.graph.tensors[dx32].storage = Storage::stored;
        step_.graph.tensors[dx32].name = "dx";
        return dx32;
    }
    TensorId masked(std::size_t i, TensorId dy, const std::string& name, Storage storage) {
        if (!layer(i).relu) return dy;
        const TensorId dz = tensor(layer(i).name, name, dfp(), shape_of(dy), storage);
        emit(OpKind::relu_backward, layer(i).name, Pass::backward_data, NoParams{}, {dy, *outputs_[i].y}, {dz});
        return dz;
    }

    void backward(std::size_t i) {
        const std::string& name = layer(i).name;
        if (layer(i).type == LayerType::loss) {
            const TensorId dz = transient(name, "dx32", ElementType::fp32, layers_[i].input);
            emit(OpKind::softmax_backward, name, Pass::backward_data, LossParams{}, {probabilities_, step_.labels}, {dz});
            return send(i, 0, store_gradient(i, dz));
        }
        if (gradients_[i].empty()) throw InputError("layer " + name + " does not reach the loss");
        const TensorId dy = gradient_of(i);
        switch (layer(i).type) {
            case LayerType::conv:
            case LayerType::fc: return backward_weights(i, dy);
            case LayerType::batch_norm: return backward_batch_norm(i, dy);
            case LayerType::max_pool: {
                const TensorId dx = tensor(name, "dx", dfp(), layers_[i].input);
                emit(OpKind::max_pool_backward, name, Pass::backward_data, pool_params(i, dx), {input_of(i), dy}, {dx});
                return send(i, 0, dx);
            }
            case LayerType::average_pool: {
                const TensorId dz = masked(i, dy, "dz", Storage::transient);
                const TensorId dx = transient(name, "dx32", ElementType::fp32, layers_[i].input);
                emit(OpKind::average_pool_backward, name, Pass::backward_data, pool_params(i, dx), {dz}, {dx});
                return send(i, 0, store_gradient(i, dx));
            }
            default: {  // add
                const TensorId dx = masked(i, dy, "dx", Storage::stored);
                send(i, 0, dx);
                return send(i, 1, dx);
            }
        }
    }

    void backward_weights(std::size_t i, TensorId dy) {
        const Layer& l = layer(i);
        const bool conv = l.type == LayerType::conv;
        const OpParams params = conv ? conv_params(i) : fc_params(i);
        const TensorId dz = masked(i, dy, "dz", Storage::transient);
        const TensorId dw = tensor(l.name, "dw", ElementType::fp32, shape_of(weights_[i].w));
        emit(conv ? OpKind::conv_weight_gradient : OpKind::fc_weight_gradient, l.name, Pass::weight_gradient, params,
             {input_of(i), dz}, {dw});
        updates_.push_back({l.name, "w", weights_[i].w, dw, true});
        if (l.bias) {
            const TensorId db = tensor(l.name, "db", ElementType::fp32, shape_of(weights_[i].b));
            emit(OpKind::bias_gradient, l.name, Pass::weight_gradient, NoParams{}, {dz}, {db});
            updates_.push_back({l.name, "b", weights_[i].b, db, false});
        }
        if (layers_[i].inputs[0] < 0) return;
        const TensorId dx = transient(l.name, "dx32", ElementType::fp32, layers_[i].input);
        emit(conv ? OpKind::conv_backward_data : OpKind::fc_backward_data, l.name, Pass::backward_data, params,
             {dz, weights_[i].wq}, {dx});
        send(i, 0, store_gradient(i, dx));
    }

    void backward_batch_norm(std::size_t i, TensorId dy) {
        const std::string& name = layer(i).name;
        const Normalization& n = normalizations_[i];
        const TensorId dz = masked(i, dy, "dz", Storage::transient);
        const TensorId dx = transient(name, "dx32", ElementType::fp32, layers_[i].input);
        const TensorId dgamma = tensor(name, "dgamma", ElementType::fp32, shape_of(n.gamma));
        const TensorId dbeta = tensor(name, "dbeta", ElementType::fp32, shape_of(n.gamma));
        emit(OpKind::batch_norm_backward, name, Pass::backward_data, BatchNormParams{},
             {input_of(i), dz, n.gamma, n.mean, n.invstd}, {dx, dgamma, dbeta});
        updates_.push_back({name, "gamma", n.gamma, dgamma, false});
        updates_.push_back({name, "beta", n.beta, dbeta, false});
        send(i, 0, store_gradient(i, dx));
    }

    void add_update(const Update& update) {
        const TensorId momentum =
            statistic(update.layer, update.name + ".momentum", shape_of(update.w), NetworkState::Start::zeros);
        emit(OpKind::sgd_update, update.layer, Pass::update,
             SgdParams{options_.momentum, update.decay ? options_.weight_decay : 0.0f},
             {update.w, momentum, update.gradient}, {update.w, momentum});
    }

    struct Weights {
        TensorId w = 0, b = 0, wq = 0;
    };
    struct Normalization {
        TensorId gamma = 0, beta = 0, mean = 0, invstd = 0;
    };

    GraphOptions options_;
    bool training_;
    std::vector<ResolvedLayer> layers_;
    std::vector<std::vector<std::size_t>> consumers_;
    StepGraph step_;
    int parameters_ = 0;
    TensorId data_ = 0;
    TensorId probabilities_ = 0;
    std::vector<LayerOutput> outputs_;
    std::map<std::size_t, Weights> weights_;
    std::map<std::size_t, Normalization> normalizations_;
    std::map<std::size_t, std::vector<TensorId>> gradients_;
    std::vector<Update> updates_;
};

}  // namespace

StepGraph training_graph(const Network& network, const GraphOptions& options) {
    return Builder(network, options, true).build();
}

StepGraph inference_graph(const Network& network, const GraphOptions& options) {
    return Builder(network, options, false).build();
}

HostTensor initial_value(const StepGraph& step, const NetworkState& state, std::uint64_t seed) {
    HostTensor value(ElementType::fp32, step.graph.tensors[state.tensor].shape);
    if (state.start == NetworkState::Start::ones) std::fill(value.fp32().begin(), value.fp32().end(), 1.0f);
    if (state.start != NetworkState::Start::uniform) return value;
    const auto bound = static_cast<float>(std::sqrt(6.0 / static_cast<double>(state.fan_in)));
    const RandomStream random{seed, 0, Purpose::initialize, static_cast<std::uint32_t>(state.parameter)};
    for (std::size_t i = 0; i < value.fp32().size(); ++i) {
        const float unit = static_cast<float>(random.word(i) >> 8) * 0x1p-23f - 1.0f;  // exact, in [-1, 1)
        value.fp32()[i] = unit * bound;
    }
    return value;
}

}  // namespace dfp16
