#include "vectors/export/verilog_parameters.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <boost/json.hpp>
#include <cctype>
#include <cstdint>
#include <map>

#include "sim/types/error.h"
#include "vectors/params_json.h"

namespace dfp16 {

namespace json = boost::json;

namespace {

/// Names in the order of their codes.
const std::map<std::string, std::vector<std::string>> kCodes = {
    {"policy", {"exact", "chain", "wrap", "saturate", "fma"}},
    {"rounding", {"nearest-even", "toward-zero", "stochastic"}},
    {"masking", {"none", "merge", "zero"}},
    {"size", {"floor", "ceil"}},
    {"type", {"int16", "int32", "fp32"}},
    {"y_type", {"int16", "int32", "fp32"}},
};

/// Numbers that are FP32, whichever way JSON writes them. ("K" is a size; "k" is of LRN.)
bool is_real(const std::string& key) {
    static const std::vector<std::string> reals = {"alpha",   "k",        "rate",         "weight",
                                                   "epsilon", "momentum", "weight_decay", "learning_rate"};
    return std::find(reals.begin(), reals.end(), key) != reals.end();
}

std::string capitals(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

VerilogParameter coded(const std::string& key, const std::string& name) {
    const auto list = kCodes.find(key);
    if (list == kCodes.end()) throw InputError("params: '" + key + "' is a name, which has no form in Verilog");
    const auto found = std::find(list->second.begin(), list->second.end(), name);
    return {capitals(key), "integer", std::to_string(found - list->second.begin()), name};
}

VerilogParameter scalar(const std::string& key, const json::value& value) {
    if (is_real(key)) {
        const auto real = value.to_number<double>();
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(real));
        return {capitals(key), "[31:0]", fmt::format("32'h{:08x}", bits), fmt::format("{} as FP32", real)};
    }
    if (key == "seed") return {"SEED", "[63:0]", fmt::format("64'd{}", value.to_number<std::uint64_t>()), ""};
    if (key == "step") return {"STEP", "[31:0]", fmt::format("32'd{}", value.to_number<std::uint32_t>()), ""};
    if (value.is_bool()) return {capitals(key), "integer", value.get_bool() ? "1" : "0", ""};
    if (value.is_string()) return coded(key, std::string(value.get_string()));
    return {capitals(key), "integer", std::to_string(value.to_number<std::int64_t>()), ""};
}

}  // namespace

std::vector<VerilogParameter> verilog_parameters(const CaseHeader& header) {
    std::vector<VerilogParameter> parameters;
    const json::value params = json::parse(params_to_json(header));
    for (const auto& [name, value] : params.get_object()) {
        const std::string key(name);
        if (!value.is_array()) {
            parameters.push_back(scalar(key, value));
            continue;
        }
        const bool pair = key == "stride" || key == "pad";
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            VerilogParameter parameter = scalar(key, value.get_array()[i]);
            parameter.name += pair ? (i == 0 ? "_H" : "_W") : "_" + std::to_string(i);
            parameters.push_back(parameter);
        }
    }
    return parameters;
}

}  // namespace dfp16
