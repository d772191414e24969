// From layers to operations (contract section 14). Forward and backward are in files of their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/step_graph.h"

namespace dfp16 {

class GraphBuilder {
public:
    /// `network` must outlive the builder.
    GraphBuilder(const Network& network, const GraphOptions& options, bool training);
    /// Once.
    StepGraph build();

private:
    struct Weights {
        TensorId w = 0, b = 0;
        TensorId operand = 0;  ///< w as the sums of products take it: quantized, or w itself
    };
    struct Normalization {
        TensorId gamma = 0, beta = 0, mean = 0, invstd = 0;
    };
    struct Update {
        std::string layer, name;
        TensorId w, gradient;
        bool decay;
    };

    // graph_builder.cpp: what both directions use.
    bool int16() const { return options_.precision == Precision::int16; }
    ElementType dfp() const { return int16() ? ElementType::mantissa : ElementType::fp32; }
    const Layer& layer(std::size_t i) const { return *layers_[i].layer; }
    /// Whether the layer is in the graph: inference has no auxiliary heads.
    bool present(std::size_t i) const { return training_ || !layer(i).auxiliary; }
    Shape shape_of(TensorId id) const { return step_.graph.tensors[id].shape; }
    bool is_fp32(TensorId id) const { return step_.graph.tensors[id].type == ElementType::fp32; }
    TensorId tensor(const std::string& layer, const std::string& name, ElementType type, const Shape& shape,
                    Storage storage = Storage::stored, bool persistent = false);
    TensorId transient(std::size_t i, const std::string& name, const Shape& shape);
    void emit(OpKind kind, const std::string& layer, Pass pass, OpParams params, std::vector<TensorId> inputs,
              std::vector<TensorId> outputs);
    RoundingParams rounding(TensorId output) const;
    TensorId quantize(const std::string& layer, Pass pass, TensorId x, const std::string& name);
    /// x itself if it is FP32, else its values in a transient tensor.
    TensorId dequantized(std::size_t i, Pass pass, TensorId x, const std::string& name);
    void find_consumers();
    bool feeds(std::size_t i, LayerType type) const;
    bool needs_y(std::size_t i) const;
    bool reads_images_as_dfp() const;
    /// The first input in the form that the layer's sums of products take it.
    TensorId operand_of(std::size_t i, Pass pass);
    TensorId input_of(std::size_t i, std::size_t which = 0) const;
    /// The input of a loss.
    TensorId logits_of(std::size_t i) const;
    Accumulation accumulation(std::size_t i) const;
    OpParams product_params(std::size_t i) const;
    PoolParams pool_params(std::size_t i, TensorId output) const;
    ConcatParams concat_params(std::size_t i, TensorId output) const;

    // graph_forward.cpp
    void forward(std::size_t i);
    void forward_weights(std::size_t i);
    void forward_batch_norm(std::size_t i);
    void forward_dropout(std::size_t i);
    void forward_concat(std::size_t i);
    void forward_add(std::size_t i);
    void forward_loss(std::size_t i);
    /// A stored DFP-16 output.
    TensorId dfp_output(std::size_t i);
    void finish(std::size_t i, TensorId y32);
    TensorId parameter(const std::string& layer, const std::string& name, const Shape& shape,
                       const NetworkState& start);
    TensorId statistic(const std::string& layer, const std::string& name, const Shape& shape, float start);

    // graph_backward.cpp
    void backward(std::size_t i);
    void backward_loss(std::size_t i);
    void backward_weights(std::size_t i, TensorId dy);
    void backward_batch_norm(std::size_t i, TensorId dy);
    void backward_pool(std::size_t i, TensorId dy);
    void backward_lrn(std::size_t i, TensorId dy);
    void backward_dropout(std::size_t i, TensorId dy);
    void backward_concat(std::size_t i, TensorId dy);
    void backward_add(std::size_t i, TensorId dy);
    TensorId gradient_of(std::size_t i);
    void send(std::size_t i, std::size_t which, TensorId gradient);
    TensorId masked(std::size_t i, TensorId dy, const std::string& name, Storage storage);
    TensorId store_gradient(std::size_t i, TensorId dx32);
    void add_update(const Update& update);

    GraphOptions options_;
    bool training_;
    std::vector<ResolvedLayer> layers_;
    std::vector<bool> fp32_;  ///< by layer: kept in FP32 (contract section 14)
    std::vector<std::vector<std::size_t>> consumers_;
    StepGraph step_;
    int parameters_ = 0;
    std::optional<TensorId> data_;  ///< the images as DFP-16 (FP32 in an FP32 graph)
    std::vector<std::optional<TensorId>> outputs_;  ///< DFP-16, FP32 before a loss; absent if nobody reads it
    std::map<std::size_t, Weights> weights_;
    std::map<std::size_t, Normalization> normalizations_;
    std::map<std::size_t, TensorId> probabilities_;
    std::map<std::size_t, std::uint32_t> dropped_;  ///< the random streams' tensor ids
    std::map<std::size_t, std::vector<TensorId>> gradients_;
    std::vector<Update> updates_;
};

}  // namespace dfp16
