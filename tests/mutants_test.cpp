// The mutation score: correct kernels of the zoo raise no alarm, and level 1 catches every bug.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <string>
#include <thread>

#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/kernel_fault.h"
#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/mutant_backend.h"
#include "vectors/mutants/mutation_json.h"
#include "vectors/mutants/mutation_score.h"
#include "vectors/suite.h"

namespace dfp16 {
namespace {

using mutants::all_bugs;
using mutants::Bug;
using mutants::BugInfo;

MutationOptions level_1() {
    MutationOptions options;
    options.threads = static_cast<int>(std::min(2u, std::max(1u, std::thread::hardware_concurrency())));
    return options;
}

/// Once for all tests of the program.
const MutationReport& report() {
    static const MutationReport made = run_mutants(level_1());
    return made;
}

TEST(Mutants, CorrectKernelsRaiseNoAlarm) {
    const auto golden = make_golden_backend(1);
    const auto correct = mutants::make_mutant_backend(Bug::none);
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        ASSERT_GT(suite.size(), 0u) << name;
        for (std::size_t number = 0; number < suite.size(); ++number) {
            const Case made = suite.make(number, 1);
            const std::vector<HostTensor> expected = run(made, *golden);
            std::vector<HostTensor> got;
            try {
                got = run(made, *correct);
            } catch (const UnsupportedOperation&) {
                EXPECT_EQ(name, "steps") << made.name;  // bias and fully connected layers, which have no other suite
                continue;
            }
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const auto difference = compare(expected[i], got[i]);
                EXPECT_FALSE(difference.has_value())
                    << name << " " << number << " " << made.name << ": "
                    << describe("output " + std::to_string(i), "", expected[i], got[i], *difference);
            }
        }
    }
}

TEST(Mutants, Level1CatchesEveryOne) {
    EXPECT_GE(report().mutants(), 60);
    for (const MutantResult& result : report().results) {
        EXPECT_GT(result.cases, 0) << result.bug.name;
        EXPECT_GT(result.caught, 0) << result.bug.name << ": " << result.bug.description;
    }
    EXPECT_EQ(report().caught(), report().mutants());
}

TEST(Mutants, WithoutCornerClassesSomeAreMissed) {
    EXPECT_LT(report().caught_without_corner_classes(), report().mutants());
    EXPECT_GT(report().caught_without_corner_classes(), 0);
}

TEST(Mutants, NamesAreUniqueAndKernelsExist) {
    std::set<std::string> seen;
    std::set<Bug> bugs;
    for (const BugInfo& info : all_bugs()) {
        EXPECT_TRUE(seen.insert(info.name).second) << info.name;
        EXPECT_TRUE(bugs.insert(info.bug).second) << info.name;
        EXPECT_FALSE(info.ops.empty()) << info.name;
        for (const OpKind op : info.ops) EXPECT_NE(mutants::kernel_of(op), nullptr) << info.name;
    }
}

TEST(Mutants, WhatNoKernelDoesIsUnsupported) {
    CaseHeader header;
    header.op = OpKind::bias_forward;
    header.extent = {2, 3};
    const Graph graph = graph_of(header);
    EXPECT_THROW(mutants::make_mutant_backend(Bug::none)->prepare(graph, {}), UnsupportedOperation);
}

TEST(Mutants, JsonHasTheCountsAndAnObjectAMutant) {
    const boost::json::object object = to_json(report());
    EXPECT_EQ(object.at("mutants").as_int64(), report().mutants());
    EXPECT_EQ(object.at("caught").as_int64(), report().caught());
    const boost::json::array& results = object.at("results").as_array();
    ASSERT_EQ(static_cast<std::int64_t>(results.size()), report().mutants());
    for (const auto& result : results) {
        EXPECT_TRUE(result.at("caught").as_bool()) << result.at("name").as_string();
        EXPECT_FALSE(result.at("classes").as_array().empty()) << result.at("name").as_string();
        EXPECT_EQ(static_cast<std::int64_t>(result.at("caught_by").as_array().size()),
                  result.at("cases_that_catch").as_int64())
            << result.at("name").as_string();
    }
}

TEST(Mutants, PageIsUpToDate) {
    const std::string path = DFP16_SOURCE_DIR "/docs/mutants.md";
    EXPECT_EQ(mutants_page(report()), test::bytes_of(path))
        << "write it anew: dfp16 verify --mutants --page docs/mutants.md";
}

}  // namespace
}  // namespace dfp16
