#include "tests/pytorch/dump_step.h"

#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "reference/fp32/fp32_backend.h"
#include "reference/step_graph.h"
#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16::test {

namespace {

namespace json = boost::json;

/// Writes tensors one after another and remembers where.
class TensorFile {
public:
    explicit TensorFile(const std::filesystem::path& path)
        : path_(path.string()), file_(path, std::ios::binary | std::ios::trunc) {}

    void add(const std::string& name, const HostTensor& tensor) {
        json::array shape;
        for (std::size_t i = 0; i < tensor.shape.rank(); ++i) shape.push_back(tensor.shape[i]);
        index_[name] = {{"shape", shape}, {"offset", offset_}, {"labels", tensor.type() == ElementType::label}};
        const std::int64_t bytes = tensor.elements() * 4;
        const char* data = tensor.type() == ElementType::label ? reinterpret_cast<const char*>(tensor.labels().data())
                                                               : reinterpret_cast<const char*>(tensor.fp32().data());
        static_assert(sizeof(Label) == 4);
        file_.write(data, bytes);
        offset_ += bytes;
    }
    json::object finish() {
        file_.close();
        if (!file_) throw InputError("cannot write " + path_);
        return std::move(index_);
    }

private:
    std::string path_;
    std::ofstream file_;
    json::object index_;
    std::int64_t offset_ = 0;
};

json::object json_of(const Layer& layer, const std::string& before) {
    json::array inputs;
    for (const std::string& input : layer.inputs) inputs.push_back(json::string(input));
    if (inputs.empty()) inputs.push_back(json::string(before));
    return {{"name", layer.name},
            {"type", name_of(layer.type)},
            {"inputs", inputs},
            {"kernel", {layer.kernel[0], layer.kernel[1]}},
            {"stride", {layer.stride[0], layer.stride[1]}},
            {"pad", {layer.pad[0], layer.pad[1]}},
            {"groups", layer.groups},
            {"ceil", layer.size == SizeRounding::ceil},
            {"bias", layer.bias},
            {"relu", layer.relu},
            {"lrn", {{"size", layer.lrn.size}, {"alpha", layer.lrn.alpha}, {"k", layer.lrn.k}}},
            {"rate", layer.rate},
            {"weight", layer.weight}};
}

/// In [-1, 1).
float random_number(const RandomStream& random, std::int64_t i) {
    return static_cast<float>(static_cast<std::int32_t>(random.word(static_cast<std::uint64_t>(i)))) * 0x1p-31f;
}

HostTensor random_images(const Shape& shape, std::uint64_t seed) {
    HostTensor images(ElementType::fp32, shape);
    const RandomStream random{seed, 0, Purpose::golden_case, 1};
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        images.fp32()[static_cast<std::size_t>(i)] = 2.0f * random_number(random, i);
    }
    return images;
}

HostTensor random_labels(std::int64_t batch, std::int64_t classes, std::uint64_t seed) {
    HostTensor labels(ElementType::label, {batch});
    const RandomStream random{seed, 0, Purpose::golden_case, 2};
    for (std::int64_t n = 0; n < batch; ++n) {
        const std::int64_t label = random.word(static_cast<std::uint64_t>(n)) % classes;
        labels.labels()[static_cast<std::size_t>(n)] = Label{static_cast<std::int32_t>(label)};
    }
    return labels;
}

/// What the state starts with; learned constants (biases, gamma, beta) are spread, or their part in the step would not
/// show.
HostTensor start_of(const StepGraph& step, const NetworkState& state, std::uint64_t seed) {
    HostTensor value = initial_value(step, state, seed);
    if (state.start != NetworkState::Start::constant || state.parameter < 0) return value;
    const RandomStream random{seed, 1, Purpose::golden_case, static_cast<std::uint32_t>(state.parameter)};
    for (std::int64_t i = 0; i < value.elements(); ++i) {
        value.fp32()[static_cast<std::size_t>(i)] += 0.1f * random_number(random, i);
    }
    return value;
}

/// 1 where dropout keeps the element (contract section 8).
HostTensor mask_of(const DropoutParams& dropout, const Shape& shape, const RunContext& run) {
    HostTensor mask(ElementType::fp32, shape);
    const RandomStream random{run.seed, run.step, Purpose::dropout, dropout.tensor};
    const double threshold = std::floor(static_cast<double>(dropout.rate) * 0x1p32);
    for (std::size_t i = 0; i < mask.fp32().size(); ++i) mask.fp32()[i] = random.word(i) >= threshold ? 1.0f : 0.0f;
    return mask;
}

}  // namespace

void dump_step(const Network& network, std::int64_t batch, std::uint64_t seed, const std::string& directory) {
    const StepGraph step = training_graph(network, {.batch = batch, .precision = Precision::fp32});
    const Graph& graph = step.graph;
    const auto backend = make_fp32_backend(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
    const auto plan = backend->prepare(graph, {});
    const RunContext run{seed, 0, 0.0f};

    std::filesystem::create_directories(directory);
    TensorFile file(std::filesystem::path(directory) / "tensors.bin");
    const auto bind = [&](TensorId id, const HostTensor& value) {
        plan->bind(id, value);
        file.add("in/" + graph.tensor_name(id), value);
    };
    bind(step.images, random_images(graph.tensors[step.images].shape, seed));
    bind(step.labels, random_labels(batch, network.input.classes, seed));
    for (const NetworkState& state : step.states) bind(state.tensor, start_of(step, state, seed));
    plan->run_all(run);
    for (const Operation& operation : graph.operations) {
        if (operation.kind != OpKind::dropout_forward) continue;
        const auto& dropout = std::get<DropoutParams>(operation.params);
        file.add("in/" + operation.layer + ".mask", mask_of(dropout, graph.tensors[operation.inputs[0]].shape, run));
    }
    const std::set<std::string> results = {"y",      "p",     "loss",         "dw",         "db",
                                           "dgamma", "dbeta", "running_mean", "running_var"};
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        if (results.contains(graph.tensors[id].name)) file.add("out/" + graph.tensor_name(id), plan->read(id));
    }

    json::array layers;
    std::string before = "data";
    for (const Layer& layer : network.layers) {
        layers.push_back(json_of(layer, before));
        before = layer.name;
    }
    const BatchNormParams norm;
    const std::string path = (std::filesystem::path(directory) / "network.json").string();
    std::ofstream out(path);
    out << json::serialize(json::object{{"name", network.name},
                                        {"batch_norm", {{"epsilon", norm.epsilon}, {"momentum", norm.momentum}}},
                                        {"layers", layers},
                                        {"tensors", file.finish()}});
    out.close();
    if (!out) throw InputError("cannot write " + path);
}

}  // namespace dfp16::test
