// Help, versions, and what the command says to bad usage.
#include "sim/types/contract_version.h"
#include "tests/cli_helpers.h"

namespace dfp16 {
namespace {

using test::dfp16;
using test::expect_usage_error;

TEST(Usage, HelpOfEverything) {
    EXPECT_EQ(dfp16("--help").status, 0);
    for (const std::string command : {"info", "generate", "verify", "inspect", "train"}) {
        EXPECT_NE(dfp16("--help").out.find("  " + command), std::string::npos);
        const auto help = dfp16(command + " --help");
        EXPECT_EQ(help.status, 0);
        EXPECT_EQ(help.out.find("dfp16 " + command), 0u) << help.out;
        EXPECT_EQ(help.err, "");
    }
}

TEST(Usage, Version) {
    EXPECT_NE(dfp16("--version").out.find(std::string("contract ") + kContractVersion), std::string::npos);
}

TEST(Usage, Info) {
    const auto info = dfp16("info");
    EXPECT_EQ(info.status, 0);
    for (const char* text :
         {"version      dfp16 ", "contract     2", "cpu          ", "threads      ", "portable", "default isa  "}) {
        EXPECT_NE(info.out.find(text), std::string::npos) << info.out;
    }
}

TEST(Usage, Commands) {
    expect_usage_error("", "no command, known: info, generate, verify, inspect, export, pack, report, bench, train");
    expect_usage_error("generte",
                       "unknown command 'generte', known: info, generate, verify, inspect, export, pack, report, bench, train");
    expect_usage_error("--verbose", "unknown command '--verbose'");
    expect_usage_error("info extra", "too many arguments");
}

TEST(Usage, Options) {
    expect_usage_error("generate --suit conv -o x", "unknown option '--suit', known: --suite, --level, --seed");
    expect_usage_error("verify --isas auto x", "unknown option '--isas', known: --file, --mutants");
    expect_usage_error("generate --suite", "the required argument for option '--suite' is missing");
    expect_usage_error("generate --suite conv --suite gemm -o x", "cannot be specified more than once");
    expect_usage_error("generate -o x", "--suite is missing");
    expect_usage_error("generate --suite conv", "-o FILE is missing");
    expect_usage_error("generate --suite conv -o ''", "-o FILE is missing");
    expect_usage_error("generate conv -o x", "too many arguments");
    expect_usage_error("generate --suite conv --shard 3/2 -o x", "shard '3/2', expected I/N");
    expect_usage_error("generate --suite conv --shard 900/900 -o x", "shard 900/900 of suite conv is empty");
    expect_usage_error("verify", "FILE or --suite is missing");
    expect_usage_error("verify a b", "too many arguments");
    expect_usage_error("inspect", "FILE or --net NAME is missing");
    expect_usage_error("inspect a --net b", "expected one of them");
    expect_usage_error("inspect a --json b", "--json without --net");
}

TEST(Usage, Numbers) {
    for (const char* bad : {"0", "4", "-1", "1.5", "one", "''", "' 1'", "1x", "99999999999999999999"}) {
        expect_usage_error(std::string("generate --suite conv -o x --level=") + bad, "--level");
        EXPECT_FALSE(std::filesystem::exists("x"));
    }
    for (const char* bad : {"-1", "1e3", "18446744073709551616", "''"}) {
        expect_usage_error(std::string("generate --suite conv -o x --seed=") + bad, "--seed");
    }
    for (const char* bad : {"0", "-2", "1025", "two"}) {
        expect_usage_error(std::string("verify x --threads=") + bad, "--threads '");
    }
    expect_usage_error("verify x --case=-1", "--case '-1', expected a whole number from 0 to 999999");
    expect_usage_error("verify x --case=1000000", "--case '1000000', expected a whole number");
}

TEST(Usage, Names) {
    expect_usage_error("generate --suite winograd -o x",
                       "unknown suite 'winograd', known: instructions, dfp, gemm, conv");
    expect_usage_error("verify x --isa sse2", "sse2");
    expect_usage_error("verify x --isa sse2", "portable");
}

TEST(Usage, UnwritableStandardOutput) {
    const int status = std::system(DFP16_COMMAND " --help >/dev/full 2>/dev/null");
    EXPECT_EQ(WEXITSTATUS(status), 2);
}

}  // namespace
}  // namespace dfp16
