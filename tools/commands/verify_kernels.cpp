#include "tools/commands/verify_kernels.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>

#include "fastpath/backend.h"
#include "sim/types/error.h"
#include "tools/options.h"
#include "vectors/kernel/kernel_backend.h"
#include "vectors/shell_word.h"
#include "vectors/stream/pipe_backend.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

void add_isa(Kernels& kernels, fast::Isa isa, int threads) {
    kernels.backends.push_back(fast::make_backend(isa, threads));
    kernels.arguments.push_back(" --isa " + kernels.backends.back()->isa());
}

void add_isas(Kernels& kernels, const std::string& name, int threads) {
    if (name != "all") return add_isa(kernels, fast::isa_of(name), threads);
    for (const fast::Isa isa : fast::supported_isas()) add_isa(kernels, isa, threads);
    for (const fast::Isa isa : fast::kIsas) {
        if (!fast::supported(isa)) kernels.absent.push_back(fast::name_of(isa));
    }
}

void add_pipe(Kernels& kernels, const std::string& command, double timeout) {
    kernels.backends.push_back(make_pipe_backend(command, timeout));
    kernels.arguments.push_back(fmt::format(" --pipe {} --timeout {}", shell_word(command), timeout));
}

void add_library(Kernels& kernels, const std::string& path, double timeout, int threads) {
    const std::chrono::milliseconds limit(std::llround(timeout * 1000));
    kernels.backends.push_back(make_kernel_backend(path, {limit, threads}));
    kernels.arguments.push_back(fmt::format(" --kernel {} --timeout {}", shell_word(path), timeout));
}

double timeout_of(const po::variables_map& given) {
    return static_cast<double>(whole_number(given, "timeout", 1, 1'000'000));
}

}  // namespace

void add_kernel_options(po::options_description& options) {
    // clang-format off
    options.add_options()
        ("isa", text_option("all"), "all (that this CPU has), auto, portable, avx2, avx512bw, avx512vnni or amx")
        ("kernel", po::value<std::string>(), "in place of ISAs: a library of kernels, run in a child process (docs/kernels.md)")
        ("pipe", po::value<std::string>(), "in place of ISAs: a command that answers cases as text (docs/streams.md)")
        ("timeout", text_option("10"), "seconds that --kernel or --pipe may take for a case")
        ("threads", text_option(default_threads()), "threads of every backend");
    // clang-format on
}

std::vector<Backend*> Kernels::pointers() const {
    std::vector<Backend*> list;
    for (const auto& backend : backends) list.push_back(backend.get());
    return list;
}

std::string Kernels::names() const {
    std::string list;
    for (const auto& backend : backends) list += (list.empty() ? "" : ", ") + backend->isa();
    return list;
}

Kernels make_kernels(const po::variables_map& given, int threads) {
    Kernels kernels;
    if (given.contains("kernel")) {
        if (given.contains("pipe")) throw InputError("verify: --kernel and --pipe, expected one of them");
        add_library(kernels, given["kernel"].as<std::string>(), timeout_of(given), threads);
        return kernels;
    }
    if (given.contains("pipe")) {
        add_pipe(kernels, given["pipe"].as<std::string>(), timeout_of(given));
        return kernels;
    }
    add_isas(kernels, given["isa"].as<std::string>(), threads);
    return kernels;
}

}  // namespace dfp16
