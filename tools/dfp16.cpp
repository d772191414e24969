// The dfp16 command: finds the subcommand, turns errors into one line and an exit status.
#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "reference/files/hdf5_crash.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "tools/commands/bench.h"
#include "tools/commands/export.h"
#include "tools/commands/generate.h"
#include "tools/commands/info.h"
#include "tools/commands/inspect.h"
#include "tools/commands/pack.h"
#include "tools/commands/report.h"
#include "tools/commands/train.h"
#include "tools/commands/verify.h"
#include "tools/floating_point_environment.h"
#include "tools/interrupt.h"

namespace {

struct Subcommand {
    const char* name;
    const char* summary;
    int (*run)(const std::vector<std::string>& arguments);
};

constexpr Subcommand kSubcommands[] = {
    {"info", "version, contract version, CPU and its ISAs", dfp16::info_command},
    {"generate", "write a suite of golden vectors", dfp16::generate_command},
    {"verify", "check golden vectors against golden and every ISA", dfp16::verify_command},
    {"inspect", "show a golden file's cases or a network's layers", dfp16::inspect_command},
    {"export", "write golden vectors in other formats", dfp16::export_command},
    {"pack", "pack JPEG images and labels into one file to train from", dfp16::pack_command},
    {"report", "merge the results of shards; JUnit XML and HTML from JSON", dfp16::report_command},
    {"bench", "speed of kernels and training steps, against peers measured beside them", dfp16::bench_command},
    {"train", "train a network, if asked in lockstep with golden", dfp16::train_command},
};

void print_help() {
    fmt::print("usage: dfp16 COMMAND [options]     (dfp16 COMMAND --help shows a command's options)\n\n");
    for (const Subcommand& command : kSubcommands) fmt::print("  {:10} {}\n", command.name, command.summary);
    fmt::print(
        "\nExit status: 0 success, 1 mismatch, 2 bad usage or input, 130 or 143 stopped by SIGINT or\n"
        "SIGTERM.\n");
}

std::string known_commands() {
    std::string names;
    for (const Subcommand& command : kSubcommands) names += (names.empty() ? "" : ", ") + std::string(command.name);
    return names;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) throw dfp16::InputError("no command, known: " + known_commands());
    const std::string& name = arguments[0];
    if (name == "--help" || name == "-h") {
        print_help();
        return 0;
    }
    if (name == "--version") {
        fmt::print("dfp16 {} (contract {})\n", DFP16_VERSION, dfp16::kContractVersion);
        return 0;
    }
    for (const Subcommand& command : kSubcommands) {
        if (name == command.name) return command.run({arguments.begin() + 1, arguments.end()});
    }
    throw dfp16::InputError("unknown command '" + name + "', known: " + known_commands());
}

/// One line on stderr, whatever the message holds.
int fail(std::string message) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    std::fputs(("dfp16: " + message + "\n").c_str(), stderr);  // not fmt::print: stderr may be closed
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is a failed write, with its line, like a full disk
    dfp16::handle_interrupts();
    dfp16::hdf5::explain_crashes();
    try {
        dfp16::check_floating_point_environment("before the run");
        const int status = run({argv + 1, argv + argc});
        dfp16::check_floating_point_environment("by the run");
        std::cout.flush();
        if (std::fflush(stdout) != 0 || !std::cout) return fail("cannot write to standard output");
        return status;
    } catch (const dfp16::InputError& error) {
        return fail(error.what());
    } catch (const std::bad_alloc&) {
        return fail("out of memory");
    } catch (const std::exception& error) {
        return fail(std::string("internal error: ") + error.what());
    }
}
