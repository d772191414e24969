#include "reference/checkpoint_header.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdlib>

namespace dfp16 {

namespace {

namespace json = boost::json;

constexpr std::int64_t kFormat = 1;

json::value exact(double value) {
    return json::string(fmt::format("{:a}", value));
}

double exact(const json::value& value) {
    const std::string text(value.as_string().c_str());
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') throw DamagedCheckpoint("header: number '" + text + "'");
    return number;
}

json::value to_json(const EpochResult& epoch) {
    return {{"epoch", epoch.epoch},
            {"steps", epoch.steps},
            {"train_loss", exact(epoch.train_loss)},
            {"train_accuracy", exact(epoch.train_accuracy)},
            {"test_accuracy", exact(epoch.test_accuracy)},
            {"train_seconds", exact(epoch.train_seconds)}};
}

EpochResult epoch_of(const json::value& value) {
    return {.epoch = value.at("epoch").as_int64(),
            .steps = value.at("steps").as_int64(),
            .train_loss = exact(value.at("train_loss")),
            .train_accuracy = exact(value.at("train_accuracy")),
            .test_accuracy = exact(value.at("test_accuracy")),
            .train_seconds = exact(value.at("train_seconds"))};
}

json::object to_json(const TrainResult& result) {
    json::array epochs;
    for (const EpochResult& epoch : result.epochs) epochs.push_back(to_json(epoch));
    return {{"steps", result.steps},
            {"images", result.images},
            {"train_seconds", exact(result.train_seconds)},
            {"epochs", epochs},
            {"current", to_json(result.current)},
            {"correct", result.correct}};
}

TrainResult result_of(const json::value& value) {
    TrainResult result{.steps = value.at("steps").as_int64(),
                       .images = value.at("images").as_int64(),
                       .train_seconds = exact(value.at("train_seconds")),
                       .epochs = {},
                       .current = epoch_of(value.at("current")),
                       .correct = value.at("correct").as_int64()};
    for (const json::value& epoch : value.at("epochs").as_array()) result.epochs.push_back(epoch_of(epoch));
    return result;
}

json::object to_json(const OverflowLog& log) {
    json::object places;
    for (const auto& [place, summary] : log) {
        places[place] = {summary.outputs, summary.overflowed, summary.smallest_margin, summary.first_output,
                         summary.first_pair};
    }
    return places;
}

OverflowLog overflows_of(const json::value& value) {
    OverflowLog log;
    for (const auto& place : value.as_object()) {
        const json::array& numbers = place.value().as_array();
        log[place.key()] = {.outputs = numbers.at(0).as_int64(),
                            .overflowed = numbers.at(1).as_int64(),
                            .smallest_margin = static_cast<int>(numbers.at(2).as_int64()),
                            .first_output = numbers.at(3).as_int64(),
                            .first_pair = numbers.at(4).as_int64()};
    }
    return log;
}

json::object to_json(const std::map<std::string, std::string>& texts) {
    json::object object;
    for (const auto& [name, text] : texts) object[name] = text;
    return object;
}

std::map<std::string, std::string> texts_of(const json::value& value) {
    std::map<std::string, std::string> texts;
    for (const auto& member : value.as_object()) texts[member.key()] = member.value().as_string().c_str();
    return texts;
}

json::array to_json(const std::vector<Checkpoint::State>& states) {
    json::array array;
    for (const Checkpoint::State& state : states) {
        json::array shape;
        for (std::size_t i = 0; i < state.shape.rank(); ++i) shape.push_back(state.shape[i]);
        array.push_back({{"name", state.name}, {"shape", shape}});
    }
    return array;
}

Checkpoint::State state_of(const json::value& value) {
    std::vector<std::int64_t> dimensions;
    for (const json::value& dimension : value.at("shape").as_array()) dimensions.push_back(dimension.as_int64());
    return {value.at("name").as_string().c_str(), Shape(dimensions.data(), dimensions.size())};
}

}  // namespace

std::string header_of(const Checkpoint& checkpoint) {
    const LockstepCounts& lockstep = checkpoint.lockstep;
    return json::serialize(json::object{
        {"format", kFormat},
        {"contract", checkpoint.contract},
        {"options", to_json(checkpoint.options)},
        {"defaults", to_json(checkpoint.defaults)},
        {"data_digest", checkpoint.data_digest},
        {"result", to_json(checkpoint.result)},
        {"lockstep", {lockstep.steps, lockstep.operations_compared, lockstep.elements_compared, lockstep.bits_differ}},
        {"overflows", to_json(checkpoint.overflows)},
        {"states", to_json(checkpoint.states)},
    });
}

Checkpoint parse_header(const std::string& header) {
    try {
        const json::value value = json::parse(header);
        if (value.at("format") != kFormat) {
            throw InputError(fmt::format("format {}, expected {}", json::serialize(value.at("format")), kFormat));
        }
        const json::array& lockstep = value.at("lockstep").as_array();
        Checkpoint checkpoint{.contract = value.at("contract").as_string().c_str(),
                              .options = texts_of(value.at("options")),
                              .defaults = texts_of(value.at("defaults")),
                              .data_digest = value.at("data_digest").as_string().c_str(),
                              .result = result_of(value.at("result")),
                              .lockstep = {.steps = lockstep.at(0).as_int64(),
                                           .operations_compared = lockstep.at(1).as_int64(),
                                           .elements_compared = lockstep.at(2).as_int64(),
                                           .bits_differ = lockstep.at(3).as_int64()},
                              .overflows = overflows_of(value.at("overflows")),
                              .states = {}};
        for (const json::value& state : value.at("states").as_array()) checkpoint.states.push_back(state_of(state));
        return checkpoint;
    } catch (const InputError& error) {
        throw DamagedCheckpoint(std::string("header: ") + error.what());
    } catch (const std::exception& error) {  // what Boost.JSON throws for members that are not as expected
        throw DamagedCheckpoint(std::string("header that does not read: ") + error.what());
    }
}

}  // namespace dfp16
