#include "vectors/mutants/mutation_json.h"

#include <boost/json/array.hpp>

namespace dfp16 {

namespace json = boost::json;

namespace {

json::object to_json(const MutantResult& result) {
    json::array ops;
    for (const OpKind op : result.bug.ops) ops.emplace_back(name_of(op));
    json::array caught_by;
    for (const CatchingCase& c : result.caught_by) {
        caught_by.push_back(json::object{{"suite", c.suite}, {"case", c.number}, {"name", c.name}});
    }
    json::array classes;
    for (const ClassCatch& c : result.classes) {
        classes.push_back(json::object{{"class", c.name}, {"caught", c.caught}, {"cases", c.cases}});
    }
    return {{"name", result.bug.name},
            {"op", ops},
            {"description", result.bug.description},
            {"caught", result.caught > 0},
            {"caught_without_corner_classes", result.caught_plain > 0},
            {"repeatable", result.bug.repeatable},
            {"cases", result.cases},
            {"cases_that_catch", result.caught},
            {"caught_by", caught_by},
            {"classes", classes}};
}

}  // namespace

json::object to_json(const MutationReport& report) {
    json::array results;
    for (const MutantResult& result : report.results) results.push_back(to_json(result));
    return {{"mutants", report.mutants()},
            {"caught", report.caught()},
            {"caught_without_corner_classes", report.caught_without_corner_classes()},
            {"level", report.level},
            {"seed", report.seed},
            {"cases", report.cases},
            {"results", results}};
}

}  // namespace dfp16
