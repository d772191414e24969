// dfp16 bench: what it prints and writes; never how fast anything is.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>

#include "fastpath/isa.h"
#include "tests/cli_helpers.h"

namespace dfp16::test {
namespace {

TEST(Bench, WritesAListOfRecords) {
    if (!fast::supported(fast::Isa::avx2))
        GTEST_SKIP() << "this CPU lacks avx2, whose peak is what is measured against";
    TemporaryDirectory directory;
    const std::string file = directory.file("bench.json");
    const CommandResult result =
        dfp16("bench --parts golden,suites,breakdown --net lenet5 --batch 4 --rounds 2 --isa avx2 --json " + file);
    ASSERT_EQ(result.status, 0) << result.err;
    std::set<std::string> names;
    const boost::json::value list = boost::json::parse(bytes_of(file));
    for (const boost::json::value& value : list.as_array()) {
        const boost::json::object& record = value.as_object();
        EXPECT_LE(record.at("min").as_double(), record.at("value").as_double());
        EXPECT_LE(record.at("value").as_double(), record.at("max").as_double());
        EXPECT_FALSE(record.at("unit").as_string().empty());
        names.insert(std::string(record.at("name").as_string()));
    }
    EXPECT_EQ(names,
              (std::set<std::string>{"golden.gmacs_per_core", "suites.level1.seconds", "step.lenet5.outside_matmul"}));
    EXPECT_NE(result.out.find("conv_weight_gradient"), std::string::npos);
}

TEST(Bench, ServesStepsOneALine) {
    for (const char* precision : {"int16", "fp32"}) {
        const CommandResult result =
            dfp16(std::string("bench --net lenet5 --batch 4 --serve ") + precision, "printf '\\n\\n\\n' | ");
        ASSERT_EQ(result.status, 0) << result.err;
        std::istringstream lines(result.out);
        std::string line;
        ASSERT_TRUE(std::getline(lines, line));
        EXPECT_EQ(line, "ready");
        for (int i = 0; i < 4; ++i) {  // three steps, then bytes
            ASSERT_TRUE(std::getline(lines, line));
            EXPECT_GT(std::stod(line), 0.0);
        }
        EXPECT_FALSE(std::getline(lines, line));
    }
}

TEST(Bench, BadUsageGetsOneLine) {
    expect_usage_error("bench --parts speed", "expected some of conv, step, breakdown, spill, golden, suites");
    expect_usage_error("bench --net lenet6", "lenet6");
    expect_usage_error("bench --parts conv --isa portable", "has no instruction peak");
    expect_usage_error("bench --rounds 0", "--rounds");
    expect_usage_error("bench --serve int8 --net lenet5", "expected int16 or fp32");
    expect_usage_error("bench --serve int16", "one --net");
    expect_usage_error("bench --parts golden --json /nonexistent/bench.json", "/nonexistent/bench.json");
}

}  // namespace
}  // namespace dfp16::test
