// generate, verify and inspect from outside: exit status, stdout, the one line on stderr.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <iterator>

#include "fastpath/isa.h"
#include "tests/cli_helpers.h"

namespace dfp16 {
namespace {

using test::CommandResult;
using test::dfp16;
using test::expect_usage_error;
using test::TemporaryDirectory;

class Command : public testing::Test {
protected:
    /// A file of two good gemm cases.
    void write_good() { test::write_file(path_, {test::case_of("gemm", 20), test::case_of("gemm", 40)}); }
    /// The second case with a flipped bit in its output.
    void write_faulty() {
        Case faulty = test::case_of("gemm", 40);
        faulty.outputs[0].flip_bit(3, 5);
        test::write_file(path_, {test::case_of("gemm", 20), faulty});
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.h5");
};

TEST_F(Command, GenerateThenVerifyEverySuite) {
    for (const std::string& suite : suite_names()) {
        const CommandResult generated = dfp16("generate --suite " + suite + " --level 1 --seed 5 -o " + path_);
        EXPECT_EQ(generated.status, 0) << generated.err;
        EXPECT_NE(generated.err.find("suite " + suite + ", level 1, seed 5, contract 2, ISA scalar"), std::string::npos)
            << generated.err;
        EXPECT_NE(generated.out.find(" cases\n"), std::string::npos);
        const CommandResult verified = dfp16("verify " + path_ + " --json " + directory_.file("json"));
        EXPECT_EQ(verified.status, 0) << verified.err << verified.out;
        EXPECT_NE(verified.err.find("seed 5, contract 2, ISA portable"), std::string::npos) << verified.err;
        const boost::json::object json = boost::json::parse(test::bytes_of(directory_.file("json"))).as_object();
        EXPECT_GT(json.at("cases").as_int64(), 100);
        EXPECT_EQ(json.at("failed").as_int64(), 0);
        EXPECT_EQ(json.at("bits_differ").as_int64(), 0);
        EXPECT_EQ(json.at("runs").as_int64(),
                  json.at("cases").as_int64() * static_cast<std::int64_t>(fast::supported_isas().size()));
        EXPECT_EQ(json.at("skipped").as_array().size() + fast::supported_isas().size(), std::size(fast::kIsas));
    }
}

TEST_F(Command, GenerateIsRepeatable) {
    dfp16("generate --suite gemm --seed 9 --threads 1 -o " + path_);
    dfp16("generate --suite gemm --seed 9 --threads 2 -o " + directory_.file("b.h5"));
    EXPECT_GT(test::bytes_of(path_).size(), 1000u);
    EXPECT_EQ(test::bytes_of(path_), test::bytes_of(directory_.file("b.h5")));
}

TEST_F(Command, EveryIsaByName) {
    write_good();
    for (const fast::Isa isa : fast::kIsas) {
        const std::string name = fast::name_of(isa);
        if (!fast::supported(isa)) {
            expect_usage_error("verify " + path_ + " --isa " + name, name);
            continue;
        }
        const CommandResult result = dfp16("verify " + path_ + " --threads 3 --isa " + name);
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_NE(result.out.find("fast   " + name), std::string::npos) << result.out;
        EXPECT_NE(result.err.find("ISA " + name + ", threads 3"), std::string::npos) << result.err;
    }
    EXPECT_EQ(dfp16("verify " + path_ + " --isa auto").status, 0);
}

TEST_F(Command, AMismatchIsStatusOneAndSaysWhere) {
    write_faulty();
    const CommandResult result =
        dfp16("verify " + path_ + " --isa portable --threads 2 --json " + directory_.file("json"));
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.out.find("case 000001 gemm "), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("golden on scalar disagrees with stored"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("c at (m,n)=("), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("reproduce: dfp16 verify " + path_ + " --case 1 --threads 2"), std::string::npos)
        << result.out;
    const boost::json::object json = boost::json::parse(test::bytes_of(directory_.file("json"))).as_object();
    EXPECT_EQ(json.at("failed").as_int64(), 1);
    EXPECT_EQ(json.at("bits_differ").as_int64(), 1);
    EXPECT_EQ(json.at("mismatches").at(0).at("case").as_int64(), 1);
    EXPECT_EQ(dfp16("verify " + path_ + " --case 0").status, 0);
    EXPECT_EQ(dfp16("verify " + path_ + " --case 1").status, 1);
}

TEST_F(Command, NoCasesIsAnError) {
    test::write_file(path_, {});
    expect_usage_error("verify " + path_, "no cases, expected at least one");
    write_good();
    expect_usage_error("verify " + path_ + " --case 2", "case 2 does not exist, the file has 2 cases");
    expect_usage_error("inspect " + path_ + " --case 2", "case 2 does not exist");
}

TEST_F(Command, BadFiles) {
    for (const std::string command : {"verify ", "inspect "}) {
        expect_usage_error(command + path_, "cannot read " + path_ + ": No such file or directory");
        expect_usage_error(command + directory_.path(), "not a regular file");
        expect_usage_error(command + "/dev/null", "not a regular file");
    }
    test::write_bytes(path_, "P5 3 3 255 image");
    expect_usage_error("verify " + path_, "not an HDF5 file");
    write_good();
    const std::string bytes = test::bytes_of(path_);
    for (const std::size_t length : {bytes.size() / 4, bytes.size() / 2, bytes.size() - 1}) {
        test::write_bytes(path_, bytes.substr(0, length));
        expect_usage_error("verify " + path_, "truncated or damaged HDF5 file");
    }
}

TEST_F(Command, UnwritableOutput) {
    expect_usage_error("generate --suite gemm -o " + directory_.file("no/such.h5"), "No such file or directory");
    expect_usage_error("generate --suite gemm -o " + directory_.path(), "not a regular file");
    expect_usage_error("generate --suite gemm -o /dev/full", "cannot write /dev/full: not a regular file");
    write_good();
    expect_usage_error("verify " + path_ + " --json " + directory_.file("no/such.json"), "No such file or directory");
}

TEST_F(Command, AFullDiskLeavesTheExistingFileAlone) {
    test::write_bytes(path_, "precious");
    // A limit on the size of files fails writes as a full disk does.
    expect_usage_error("generate --suite gemm -o " + path_, "cannot write " + path_ + ": File too large",
                       "ulimit -f 100; ");
    EXPECT_EQ(test::bytes_of(path_), "precious");
    EXPECT_EQ(directory_.entries(), 1u);
}

TEST_F(Command, InspectListsCases) {
    write_good();
    const CommandResult result = dfp16("inspect " + path_);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.out.find("schema 1, contract 2, suite test, level 1, seed 1, by test, 2 cases\n"),
              std::string::npos)
        << result.out;
    EXPECT_NE(result.out.find("\n000001 gemm "), std::string::npos) << result.out;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(Command, InspectShowsOneCaseInFull) {
    const Case shown = test::case_of("gemm", 20);
    write_good();
    const CommandResult result = dfp16("inspect " + path_ + " --case 0");
    EXPECT_EQ(result.status, 0) << result.err;
    for (const std::string& text :
         {"name: " + shown.name, std::string("op: gemm"), std::string("params: {\"M\":"), std::string("digest: "),
          "inputs/a: int16 " + shown.inputs[0].shape.text() + ", exponent " +
              std::to_string(shown.inputs[0].exponent.value),
          std::string("outputs/c: ")}) {
        EXPECT_NE(result.out.find(text), std::string::npos) << text << "\n" << result.out;
    }
    for (const Mantissa m : shown.inputs[0].mantissas())
        EXPECT_NE(result.out.find(" " + std::to_string(m.value)), std::string::npos);
}

TEST_F(Command, InspectShowsANetwork) {
    const CommandResult result = dfp16("inspect --net lenet5 --json " + directory_.file("json"));
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_GT(boost::json::parse(test::bytes_of(directory_.file("json"))).at("layers").as_array().size(), 4u);
    expect_usage_error("inspect --net lenet6", "lenet6");
}

}  // namespace
}  // namespace dfp16
