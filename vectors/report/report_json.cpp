#include "vectors/report/report_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "sim/types/error.h"

namespace dfp16 {

namespace json = boost::json;

namespace {

json::array to_json(const std::vector<std::int64_t>& numbers) {
    return json::array(numbers.begin(), numbers.end());
}

json::object to_json(const HeatMap& heat) {
    return {{"row_axis", heat.row_axis}, {"column_axis", heat.column_axis},      {"rows", heat.rows},
            {"columns", heat.columns},   {"differing", to_json(heat.differing)}, {"elements", to_json(heat.elements)}};
}

json::object to_json(const Mismatch& m) {
    json::object object = {{"case", m.case_number},
                           {"name", m.case_name},
                           {"op", m.op},
                           {"isa", m.isa},
                           {"expected", m.expected},
                           {"got", m.got},
                           {"kind", m.kind},
                           {"difference", m.difference},
                           {"exponents", m.exponents},
                           {"differing_elements", m.differing_elements},
                           {"differing_bits", m.differing_bits},
                           {"reproduce", m.reproduce}};
    if (m.heat) object["heat"] = to_json(*m.heat);
    return object;
}

json::object to_json(const BackendResult& result) {
    return {{"name", result.name},
            {"isa", result.isa},
            {"cases", result.cases},
            {"elements", result.elements},
            {"cases_differ", result.cases_differ},
            {"elements_differ", result.elements_differ},
            {"bits_differ", result.bits_differ},
            {"skipped", result.skipped}};
}

template <typename List>
json::array list_to_json(const List& list) {
    json::array array;
    for (const auto& element : list) array.push_back(to_json(element));
    return array;
}

json::array cases_to_json(const std::vector<CaseResult>& cases) {
    json::array array;
    for (const CaseResult& c : cases) array.push_back(json::array{c.number, c.name, c.op, c.skipped});
    return array;
}

json::object classes_to_json(const std::map<std::string, ClassCount>& classes) {
    json::object object;
    for (const auto& [name, count] : classes) {
        object[name] = json::object{{"corner", count.corner}, {"cases", count.cases}};
    }
    return object;
}

std::vector<std::int64_t> numbers_from(const json::value& value) {
    return json::value_to<std::vector<std::int64_t>>(value);
}

std::string text_from(const json::object& object, const char* key) {
    return json::value_to<std::string>(object.at(key));
}

std::int64_t number_from(const json::object& object, const char* key) {
    return object.at(key).to_number<std::int64_t>();
}

HeatMap heat_from(const json::object& object) {
    HeatMap heat{text_from(object, "row_axis"),        text_from(object, "column_axis"),
                 number_from(object, "rows"),          number_from(object, "columns"),
                 numbers_from(object.at("differing")), numbers_from(object.at("elements"))};
    const bool small = heat.rows >= 1 && heat.rows <= kHeatCells && heat.columns >= 1 && heat.columns <= kHeatCells;
    const auto cells = small ? static_cast<std::size_t>(heat.rows * heat.columns) : 0;
    if (!small || heat.differing.size() != cells || heat.elements.size() != cells) {
        throw std::out_of_range("'heat' has not the cells that it should");
    }
    return heat;
}

Mismatch mismatch_from(const json::object& object) {
    Mismatch m;
    m.case_number = number_from(object, "case");
    m.case_name = text_from(object, "name");
    m.op = text_from(object, "op");
    m.isa = text_from(object, "isa");
    m.expected = text_from(object, "expected");
    m.got = text_from(object, "got");
    m.kind = text_from(object, "kind");
    m.difference = text_from(object, "difference");
    m.exponents = text_from(object, "exponents");
    m.differing_elements = number_from(object, "differing_elements");
    m.differing_bits = number_from(object, "differing_bits");
    m.reproduce = text_from(object, "reproduce");
    if (const json::value* heat = object.if_contains("heat")) m.heat = heat_from(heat->as_object());
    return m;
}

BackendResult backend_from(const json::object& object) {
    return {text_from(object, "name"),           text_from(object, "isa"),
            number_from(object, "cases"),        number_from(object, "elements"),
            number_from(object, "cases_differ"), number_from(object, "elements_differ"),
            number_from(object, "bits_differ"),  number_from(object, "skipped")};
}

VerifyReport report_from(const json::object& object) {
    VerifyReport report;
    report.source = text_from(object, "file");
    report.header = {text_from(object, "contract"), text_from(object, "suite"),
                     static_cast<int>(number_from(object, "level")), object.at("seed").to_number<std::uint64_t>(), ""};
    report.stored = object.at("stored").as_bool();
    report.shard = shard_of(text_from(object, "shard"));
    report.threads = static_cast<int>(number_from(object, "threads"));
    report.absent = json::value_to<std::vector<std::string>>(object.at("skipped"));
    for (const json::value& value : object.at("backends").as_array()) {
        report.backends.push_back(backend_from(value.as_object()));
    }
    for (const json::value& value : object.at("mismatches").as_array()) {
        report.mismatches.push_back(mismatch_from(value.as_object()));
    }
    for (const auto& [name, value] : object.at("classes").as_object()) {
        const json::object& count = value.as_object();
        report.classes[name] = {count.at("corner").as_bool(), number_from(count, "cases")};
    }
    for (const json::value& value : object.at("case_list").as_array()) {
        const json::array& c = value.as_array();
        report.cases.push_back({c.at(0).to_number<std::int64_t>(), json::value_to<std::string>(c.at(1)),
                                json::value_to<std::string>(c.at(2)), c.at(3).as_bool()});
    }
    if (report.backends.empty()) throw std::out_of_range("'backends' is empty");
    return report;
}

}  // namespace

json::object report_to_json(const VerifyReport& report) {
    std::int64_t runs = 0;
    std::int64_t bits_differ = 0;
    for (const BackendResult& result : report.backends) {
        if (&result != &report.backends.front()) runs += result.cases;
        bits_differ += result.bits_differ;
    }
    return {{"file", report.source},
            {"suite", report.header.suite},
            {"level", report.header.level},
            {"seed", report.header.seed},
            {"contract", report.header.contract},
            {"stored", report.stored},
            {"shard", fmt::format("{}/{}", report.shard.index, report.shard.count)},
            {"threads", report.threads},
            {"cases", report.backends.front().cases},
            {"runs", runs},
            {"failed", report.failed_cases()},
            {"bits_differ", bits_differ},
            {"skipped", json::array(report.absent.begin(), report.absent.end())},
            {"backends", list_to_json(report.backends)},
            {"mismatches", list_to_json(report.mismatches)},
            {"classes", classes_to_json(report.classes)},
            {"case_list", cases_to_json(report.cases)}};
}

VerifyReport report_from_json(const json::value& value, const std::string& place) {
    const std::string expected = ", expected a report of dfp16 verify --json";
    if (!value.is_object()) throw InputError(place + ": is no JSON object" + expected);
    try {
        return report_from(value.as_object());
    } catch (const InputError& error) {
        throw InputError(place + ": " + error.what());
    } catch (const std::exception& error) {
        throw InputError(place + ": " + error.what() + expected);
    }
}

VerifyReport read_report(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError(path + ": cannot be read, expected a report of dfp16 verify --json");
    std::ostringstream text;
    text << file.rdbuf();
    boost::system::error_code error;
    const json::value value = json::parse(text.str(), error);
    if (error) throw InputError(path + ": is no JSON: " + error.message());
    return report_from_json(value, path);
}

}  // namespace dfp16
