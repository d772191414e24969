#include "vectors/params_json.h"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/types/error.h"
#include "vectors/names.h"

namespace dfp16 {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLargestSize = (std::int64_t{1} << 31) - 1;

[[noreturn]] void fail(const std::string& key, const std::string& found, const std::string& expected) {
    throw InputError("params: '" + key + "' is " + found + ", expected " + expected);
}

const json::value& member(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) fail(key, "missing", "it");
    return *value;
}

std::int64_t integer(const json::value& value, const char* key, std::int64_t least, std::int64_t most) {
    const std::int64_t* number = value.if_int64();
    if (number == nullptr || *number < least || *number > most) {
        fail(key, json::serialize(value), "an integer from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return *number;
}

std::int64_t integer(const json::object& object, const char* key, std::int64_t least = 1,
                     std::int64_t most = kLargestSize) {
    return integer(member(object, key), key, least, most);
}

const json::array& array(const json::object& object, const char* key, std::size_t fewest, std::size_t most) {
    const json::array* array = member(object, key).if_array();
    if (array == nullptr || array->size() < fewest || array->size() > most) {
        fail(key, json::serialize(member(object, key)),
             "an array of " + std::to_string(fewest) + (fewest == most ? "" : " to " + std::to_string(most)) +
                 " integers");
    }
    return *array;
}

std::array<std::int64_t, 2> pair(const json::object& object, const char* key, std::int64_t least) {
    const json::array& values = array(object, key, 2, 2);
    return {integer(values[0], key, least, kLargestSize), integer(values[1], key, least, kLargestSize)};
}

std::string string(const json::object& object, const char* key) {
    const json::string* text = member(object, key).if_string();
    if (text == nullptr) fail(key, json::serialize(member(object, key)), "a string");
    return std::string(text->begin(), text->end());
}

json::array pair_json(const std::array<std::int64_t, 2>& pair) {
    return {pair[0], pair[1]};
}

void put(json::object& object, const Accumulation& accumulation) {
    object["policy"] = name_of(accumulation.policy);
    if (accumulation.policy == Policy::chain) object["chain"] = accumulation.chain;
}

Accumulation accumulation_from(const json::object& object) {
    Accumulation accumulation;
    accumulation.policy = policy_of(string(object, "policy"));
    if (accumulation.policy == Policy::chain) accumulation.chain = integer(object, "chain");
    return accumulation;
}

/// Which random words an operation draws.
void put_stream(json::object& object, const RunContext& context, std::uint32_t tensor) {
    object["seed"] = context.seed;
    object["step"] = context.step;
    object["tensor"] = tensor;
}

void put(json::object& object, const RoundingParams& rounding, const RunContext& context) {
    object["headroom"] = rounding.headroom;
    object["rounding"] = name_of(rounding.rounding);
    if (rounding.rounding != Rounding::stochastic) return;
    put_stream(object, context, rounding.tensor);
}

std::uint64_t seed_from(const json::object& object) {
    const json::value& value = member(object, "seed");
    if (const std::uint64_t* seed = value.if_uint64()) return *seed;
    const std::int64_t* seed = value.if_int64();
    if (seed == nullptr || *seed < 0) fail("seed", json::serialize(value), "an integer from 0 to 2^64 - 1");
    return static_cast<std::uint64_t>(*seed);
}

/// Gives the tensor id.
std::uint32_t stream_from(const json::object& object, RunContext& context) {
    context.seed = seed_from(object);
    context.step = static_cast<std::uint32_t>(integer(object, "step", 0, std::numeric_limits<std::uint32_t>::max()));
    return static_cast<std::uint32_t>(integer(object, "tensor", 0, (1 << 24) - 1));
}

RoundingParams rounding_from(const json::object& object, RunContext& context) {
    RoundingParams rounding;
    rounding.headroom = static_cast<int>(integer(object, "headroom", 0, kHeadroomMax));
    rounding.rounding = rounding_of(string(object, "rounding"));
    if (rounding.rounding == Rounding::stochastic) rounding.tensor = stream_from(object, context);
    return rounding;
}

void put_extent(json::object& object, const CaseHeader& header) {
    if (is_instruction(header.op)) object["count"] = header.extent[0];
    if (!has_shape(header.op)) return;
    json::array shape;
    for (std::size_t i = 0; i < header.extent.rank(); ++i) shape.emplace_back(header.extent[i]);
    object["shape"] = std::move(shape);
}

Shape extent_from(const json::object& object, OpKind op) {
    if (is_instruction(op)) return {integer(object, "count")};
    if (!has_shape(op)) return {};
    std::vector<std::int64_t> sizes;
    for (const json::value& size : array(object, "shape", 1, 4))
        sizes.push_back(integer(size, "shape", 1, kLargestSize));
    return {sizes.data(), sizes.size()};
}

struct Writer {
    json::object& object;
    OpKind op;
    const RunContext& context;

    void operator()(const NoParams&) const {}
    void operator()(const InstructionParams& p) const {
        object["width"] = p.width;
        object["masking"] = name_of(p.masking);
    }
    void operator()(const RoundingParams& p) const { put(object, p, context); }
    void operator()(const AddParams& p) const {
        object["relu"] = p.relu;
        put(object, p.rounding, context);
    }
    void operator()(const GemmParams& p) const {
        object["M"] = p.M;
        object["N"] = p.N;
        object["K"] = p.K;
        put(object, p.accumulation);
    }
    void operator()(const ConvParams& p) const {
        for (const auto& [key, size] : {std::pair{"N", p.N},
                                        {"C", p.C},
                                        {"H", p.H},
                                        {"W", p.W},
                                        {"K", p.K},
                                        {"R", p.R},
                                        {"S", p.S},
                                        {"P", p.P},
                                        {"Q", p.Q}}) {
            object[key] = size;
        }
        object["stride"] = pair_json(p.stride);
        object["pad"] = pair_json(p.pad);
        object["groups"] = p.groups;
        put(object, p.accumulation);
    }
    void operator()(const FcParams& p) const {
        object["N"] = p.N;
        object["C"] = p.C;
        object["K"] = p.K;
        put(object, p.accumulation);
    }
    void operator()(const PoolParams& p) const {
        for (const auto& [key, size] : {std::pair{"N", p.N},
                                        {"C", p.C},
                                        {"H", p.H},
                                        {"W", p.W},
                                        {"R", p.R},
                                        {"S", p.S},
                                        {"P", p.P},
                                        {"Q", p.Q}}) {
            object[key] = size;
        }
        object["stride"] = pair_json(p.stride);
        object["pad"] = pair_json(p.pad);
        object["size"] = name_of(p.size);
        if (op == OpKind::max_pool_backward) put(object, p.rounding, context);
    }
    void operator()(const BatchNormParams& p) const {
        object["epsilon"] = p.epsilon;
        object["momentum"] = p.momentum;
    }
    void operator()(const LrnParams& p) const {
        object["size"] = p.size;
        object["alpha"] = p.alpha;
        object["k"] = p.k;
    }
    void operator()(const DropoutParams& p) const {
        object["rate"] = p.rate;
        put_stream(object, context, p.tensor);
    }
    void operator()(const ConcatParams& p) const {
        object["channels"] = json::value_from(p.channels);
        if (op == OpKind::concat_forward) put(object, p.rounding, context);
    }
    void operator()(const LossParams& p) const { object["weight"] = p.weight; }
    void operator()(const SgdParams& p) const {
        object["momentum"] = p.momentum;
        object["weight_decay"] = p.weight_decay;
        object["learning_rate"] = context.learning_rate;
    }
};

InstructionParams instruction_from(const json::object& object) {
    return {static_cast<int>(integer(object, "width", 128, 512)), masking_of(string(object, "masking"))};
}

AddParams add_from(const json::object& object, RunContext& context) {
    const bool* relu = member(object, "relu").if_bool();
    if (relu == nullptr) fail("relu", json::serialize(member(object, "relu")), "true or false");
    return {rounding_from(object, context), *relu};
}

GemmParams gemm_from(const json::object& object) {
    return {integer(object, "M"), integer(object, "N"), integer(object, "K"), accumulation_from(object)};
}

ConvParams conv_from(const json::object& object) {
    ConvParams p;
    for (const auto& [key, size] : {std::pair{"N", &p.N},
                                    {"C", &p.C},
                                    {"H", &p.H},
                                    {"W", &p.W},
                                    {"K", &p.K},
                                    {"R", &p.R},
                                    {"S", &p.S},
                                    {"P", &p.P},
                                    {"Q", &p.Q}}) {
        *size = integer(object, key);
    }
    p.stride = pair(object, "stride", 1);
    p.pad = pair(object, "pad", 0);
    p.groups = integer(object, "groups");
    p.accumulation = accumulation_from(object);
    return p;
}

FcParams fc_from(const json::object& object) {
    return {integer(object, "N"), integer(object, "C"), integer(object, "K"), accumulation_from(object)};
}

PoolParams pool_from(const json::object& object, OpKind op, RunContext& context) {
    PoolParams p;
    for (const auto& [key, size] : {std::pair{"N", &p.N},
                                    {"C", &p.C},
                                    {"H", &p.H},
                                    {"W", &p.W},
                                    {"R", &p.R},
                                    {"S", &p.S},
                                    {"P", &p.P},
                                    {"Q", &p.Q}}) {
        *size = integer(object, key);
    }
    p.stride = pair(object, "stride", 1);
    p.pad = pair(object, "pad", 0);
    if (object.contains("size")) p.size = size_rounding_of(string(object, "size"));
    if (op == OpKind::max_pool_backward) p.rounding = rounding_from(object, context);
    return p;
}

/// Every FP32 number survives: it is written with the digits of its double.
float real(const json::object& object, const char* key) {
    const json::value& value = member(object, key);
    json::error_code error;
    const auto number = value.to_number<double>(error);
    if (error || !std::isfinite(static_cast<float>(number))) fail(key, json::serialize(value), "a finite number");
    return static_cast<float>(number);
}

SgdParams sgd_from(const json::object& object, RunContext& context) {
    context.learning_rate = real(object, "learning_rate");
    return {real(object, "momentum"), real(object, "weight_decay")};
}

LrnParams lrn_from(const json::object& object) {
    return {integer(object, "size"), real(object, "alpha"), real(object, "k")};
}

DropoutParams dropout_from(const json::object& object, RunContext& context) {
    return {real(object, "rate"), stream_from(object, context)};
}

ConcatParams concat_from(const json::object& object, OpKind op, RunContext& context) {
    constexpr std::size_t kMostParts = 65535;
    ConcatParams p;
    for (const json::value& part : array(object, "channels", 1, kMostParts)) {
        p.channels.push_back(integer(part, "channels", 1, kLargestSize));
    }
    if (op == OpKind::concat_forward) p.rounding = rounding_from(object, context);
    return p;
}

LossParams loss_from(const json::object& object) {
    return object.contains("weight") ? LossParams{real(object, "weight")} : LossParams{};
}

ElementType element_from(const json::object& object, const char* key) {
    const std::string name = string(object, key);
    for (const ElementType type : {ElementType::mantissa, ElementType::fp32}) {
        if (name == name_of(type)) return type;
    }
    fail(key, "'" + name + "'", "int16 or fp32");
}

/// The types of tensors that may be INT16 or FP32.
void put_elements(json::object& object, const CaseHeader& header) {
    const bool backward = header.op == OpKind::relu_backward;
    if (backward || header.op == OpKind::relu_forward || header.op == OpKind::bias_gradient) {
        object["type"] = name_of(header.element);
    }
    if (backward) object["y_type"] = name_of(header.y_element);
}

void read_elements(const json::object& object, CaseHeader& header) {
    const bool backward = header.op == OpKind::relu_backward;
    if (backward || header.op == OpKind::relu_forward ||
        (header.op == OpKind::bias_gradient && object.contains("type"))) {
        header.element = element_from(object, "type");
    }
    if (backward) header.y_element = object.contains("y_type") ? element_from(object, "y_type") : header.element;
}

OpParams params_from(const json::object& object, OpKind op, RunContext& context) {
    if (is_instruction(op)) return instruction_from(object);
    switch (op) {
        case OpKind::quantize:
        case OpKind::multiply:
        case OpKind::down_convert: return rounding_from(object, context);
        case OpKind::add: return add_from(object, context);
        case OpKind::gemm: return gemm_from(object);
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: return conv_from(object);
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return fc_from(object);
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return pool_from(object, op, context);
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward: return BatchNormParams{real(object, "epsilon"), real(object, "momentum")};
        case OpKind::lrn_forward:
        case OpKind::lrn_backward: return lrn_from(object);
        case OpKind::dropout_forward:
        case OpKind::dropout_backward: return dropout_from(object, context);
        case OpKind::concat_forward:
        case OpKind::concat_backward: return concat_from(object, op, context);
        case OpKind::softmax_backward: return loss_from(object);
        case OpKind::sgd_update: return sgd_from(object, context);
        default: return NoParams{};
    }
}

}  // namespace

std::string params_to_json(const CaseHeader& header) {
    json::object object;
    put_extent(object, header);
    put_elements(object, header);
    std::visit(Writer{object, header.op, header.context}, header.params);
    return json::serialize(object);
}

void params_from_json(const std::string& text, CaseHeader& header) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) throw InputError("params is not a JSON object");
    header.extent = extent_from(value.get_object(), header.op);
    read_elements(value.get_object(), header);
    header.params = params_from(value.get_object(), header.op, header.context);
}

}  // namespace dfp16
