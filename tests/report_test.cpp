// Reports: shards merge to the report of the whole; JSON gives the same report back; JUnit and HTML say what failed.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <functional>
#include <sstream>

#include "reference/golden.h"
#include "reference/interface/host_plan.h"
#include "sim/types/error.h"
#include "tests/cli_helpers.h"
#include "vectors/kernel_fault.h"
#include "vectors/report/coverage.h"
#include "vectors/report/html.h"
#include "vectors/report/junit.h"
#include "vectors/report/merge.h"
#include "vectors/report/report_json.h"

namespace dfp16 {
namespace {

using test::TemporaryDirectory;

/// Golden, but wrong in an element of sums of products with an even number of columns or width; crashes on add; does
/// not know multiply.
class FaultyPlan : public HostPlan {
public:
    FaultyPlan(const Graph& graph, Backend& golden) : HostPlan(graph), plan_(golden.prepare(graph, {})) {}
    void bind(TensorId id, const HostTensor& value) override { plan_->bind(id, value); }
    void run(std::size_t segment, const RunContext& context) override {
        if (operation(segment).kind == OpKind::multiply) throw UnsupportedOperation("multiply");
        if (operation(segment).kind == OpKind::add)
            throw KernelFault(FaultKind::crash, "signal 11 in <add> & \"more\"");
        plan_->run(segment, context);
    }
    HostTensor read(TensorId id) const override {
        HostTensor value = plan_->read(id);
        if (value.elements() % 2 == 0) value.flip_bit(value.elements() / 2, 3);
        return value;
    }

private:
    std::unique_ptr<Plan> plan_;
};

class FaultyBackend : public Backend {
public:
    std::string name() const override { return "fast"; }
    std::string isa() const override { return "faulty"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<FaultyPlan>(graph, *golden_);
    }

private:
    std::unique_ptr<Backend> golden_ = make_golden_backend(1);
};

VerifyReport report_of(const Shard& shard) {
    const auto source = make_suite_source({"dfp", "gemm"}, 1, 1, 1);
    const auto golden = make_golden_backend(1);
    FaultyBackend faulty;
    const std::vector<Backend*> kernels = {&faulty};
    return Verifier(*source, *golden, kernels, {.shard = shard}).verify();
}

std::string text_of(const VerifyReport& report) {
    return boost::json::serialize(report_to_json(report));
}

TEST(Report, CountsFaultsRejectionsAndSkips) {
    const VerifyReport report = report_of({});
    ASSERT_EQ(report.backends.size(), 2u);
    EXPECT_GT(report.backends[1].skipped, 0);
    EXPECT_EQ(report.backends[1].skipped + report.backends[1].cases, report.backends[0].cases);
    const auto of_kind = [&](const std::string& kind) {
        return std::ranges::count(report.mismatches, kind, &Mismatch::kind);
    };
    EXPECT_GT(of_kind("crash"), 0);
    EXPECT_GT(of_kind("bits"), 0);
    EXPECT_EQ(std::ranges::count(report.cases, true, &CaseResult::skipped), report.backends[1].skipped);
    for (const Mismatch& mismatch : report.mismatches) EXPECT_EQ(mismatch.kind == "crash", mismatch.op == "add");
}

TEST(Report, ShardsMergeToTheWholeInAnyOrderAndNumber) {
    const std::string whole = text_of(report_of({}));
    for (const std::int64_t count : {1, 2, 7, 64}) {
        std::vector<NamedReport> shards;
        for (std::int64_t index = count; index >= 1; --index) shards.push_back({"shard", report_of({index, count})});
        EXPECT_EQ(text_of(merge(shards)), whole) << count << " shards";
    }
}

TEST(Report, MoreShardsThanCases) {
    const auto source = make_suite_source({"sgd"}, 1, 1, 1);
    const auto golden = make_golden_backend(1);
    const std::vector<Backend*> none;
    const VerifyReport report = Verifier(*source, *golden, none, {.shard = {5000, 5000}}).verify();
    EXPECT_TRUE(report.cases.empty());
}

TEST(Report, MergeRefusesWhatIsNotOneRun) {
    const VerifyReport first = report_of({1, 2});
    const VerifyReport second = report_of({2, 2});
    VerifyReport other = second;
    other.header.seed = 7;
    const auto expect_error = [](const std::vector<NamedReport>& shards, const std::string& text) {
        try {
            merge(shards);
            ADD_FAILURE() << "merged, expected: " << text;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
        }
    };
    expect_error({}, "no report");
    expect_error({{"a.json", first}}, "a.json: shard 2/2 of the same run is missing");
    expect_error({{"a.json", first}, {"b.json", first}}, "b.json: shard 1/2 is there twice");
    expect_error({{"a.json", first}, {"b.json", other}},
                 "b.json: is of suite dfp,gemm, suite dfp,gemm, level 1, seed 7");
}

TEST(Report, JsonGivesTheSameReportBack) {
    const VerifyReport report = report_of({2, 3});
    const VerifyReport again = report_from_json(boost::json::parse(text_of(report)), "r.json");
    EXPECT_EQ(text_of(again), text_of(report));
    EXPECT_EQ(again.mismatches, report.mismatches);
    EXPECT_EQ(again.classes, report.classes);
    EXPECT_EQ(again.cases, report.cases);
    EXPECT_EQ(again.backends, report.backends);
}

TEST(Report, DamagedJsonIsAnInputErrorWithTheFile) {
    const boost::json::object good = report_to_json(report_of({1, 40}));
    for (const auto& member : good) {
        if (member.key() == "cases" || member.key() == "runs" || member.key() == "failed" ||
            member.key() == "bits_differ") {
            continue;  // follow from the others
        }
        for (const bool missing : {true, false}) {
            boost::json::object damaged = good;
            if (missing) {
                damaged.erase(member.key());
            } else {
                damaged[member.key()] = nullptr;
            }
            try {
                report_from_json(damaged, "r.json");
                ADD_FAILURE() << "taken, with " << member.key() << (missing ? " missing" : " null");
            } catch (const InputError& error) {
                EXPECT_EQ(std::string(error.what()).find("r.json: "), 0u) << error.what();
            }
        }
    }
}

TEST(Report, JunitIsXmlWithOneFailureForEachMismatch) {
    const VerifyReport report = report_of({});
    std::istringstream text(report_to_junit(report));
    boost::property_tree::ptree tree;
    boost::property_tree::read_xml(text, tree);
    const auto& suite = tree.get_child("testsuites.testsuite");
    EXPECT_EQ(suite.get<std::size_t>("<xmlattr>.tests"), report.cases.size());
    EXPECT_EQ(suite.get<std::int64_t>("<xmlattr>.failures"), report.failed_cases());
    std::size_t cases = 0;
    std::size_t failures = 0;
    std::int64_t skipped = 0;
    for (const auto& [name, test] : suite) {
        if (name != "testcase") continue;
        ++cases;
        failures += test.count("failure");
        skipped += static_cast<std::int64_t>(test.count("skipped"));
    }
    EXPECT_EQ(cases, report.cases.size());
    EXPECT_EQ(failures, report.mismatches.size());
    EXPECT_EQ(skipped, report.backends[1].skipped);
    EXPECT_NE(text.str().find("signal 11 in &lt;add&gt; &amp; &quot;more&quot;"), std::string::npos);
}

TEST(Report, HtmlHoldsMismatchesHeatMapsAndCoverageAndNothingFromElsewhere) {
    const VerifyReport report = report_of({});
    const std::string html = report_to_html(report);
    EXPECT_NE(html.find("<svg"), std::string::npos);
    for (const auto& [name, count] : report.classes) EXPECT_NE(html.find(xml_escaped(name)), std::string::npos) << name;
    for (const char* outside : {"http://", "https://", "src=", "@import", "url("}) {
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
    }
}

TEST(Report, HeatMapCountsEveryElementOnceAndFindsThePlace) {
    const Shape shapes[] = {{5}, {1000}, {3, 7}, {200, 3}, {2, 33, 5, 5}, {1, 100, 20, 20}};
    for (const Shape& shape : shapes) {
        const HostTensor expected(ElementType::fp32, shape);
        HostTensor got = expected;
        got.flip_bit(shape.elements() - 1, 0);
        const char* const axes[] = {"", "i", "m,n", "", "n,k,p,q"};
        const HeatMap heat = heat_map(axes[shape.rank()], expected, got);
        std::int64_t elements = 0;
        std::int64_t differing = 0;
        for (std::size_t i = 0; i < heat.elements.size(); ++i) {
            elements += heat.elements[i];
            differing += heat.differing[i];
        }
        EXPECT_EQ(elements, shape.elements());
        EXPECT_EQ(differing, 1);
        EXPECT_LE(heat.rows, kHeatCells);
        EXPECT_LE(heat.columns, kHeatCells);
        if (shape.rank() > 1) {
            EXPECT_EQ(heat.differing.back(), 1) << "the last element is in the last cell: " << shape.text();
        }
    }
}

TEST(Report, CommandMergesShards) {
    const TemporaryDirectory directory;
    const auto run = [&](const std::string& shard, const std::string& name) {
        return test::dfp16("verify --suite lrn,sgd --isa portable --threads 1 --shard " + shard + " --json " +
                           directory.file(name));
    };
    ASSERT_EQ(run("1/1", "whole.json").status, 0);
    ASSERT_EQ(run("1/2", "a.json").status, 0);
    ASSERT_EQ(run("2/2", "b.json").status, 0);
    const test::CommandResult merged = test::dfp16(
        "report " + directory.file("b.json") + " " + directory.file("a.json") + " --json " +
        directory.file("merged.json") + " --junit " + directory.file("m.xml") + " --html " + directory.file("m.html"));
    EXPECT_EQ(merged.status, 0) << merged.err;
    EXPECT_EQ(test::bytes_of(directory.file("merged.json")), test::bytes_of(directory.file("whole.json")));
    test::expect_usage_error("report " + directory.file("a.json"), "shard 2/2 of the same run is missing");
    test::expect_usage_error("report " + directory.file("m.xml"), "is no JSON");
    test::expect_usage_error("report " + directory.file("none.json"), "cannot be read");
    test::expect_usage_error("report", "RESULT.json is missing");
}

TEST(Report, EndlessLevelEndsAfterItsSecondsWithAReport) {
    const test::CommandResult result =
        test::dfp16("verify --suite sgd --level 3 --seconds 1 --isa portable --threads 1 --coverage");
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.out.find("corner"), std::string::npos) << result.out;
    test::expect_usage_error("verify --suite sgd --shard 3/2", "shard '3/2'");
    test::expect_usage_error("verify --suite nothing", "unknown suite 'nothing'");
    test::expect_usage_error("verify --suite sgd --case 99999", "does not exist");
    test::expect_usage_error("verify --suite sgd some.h5", "several of FILE, --suite");
    test::expect_usage_error("verify some.h5 --level 2", "--level is given, expected it with --suite");
    test::expect_usage_error("verify --stream --seed 3", "--seed is given, expected it with --suite");
}

}  // namespace
}  // namespace dfp16
