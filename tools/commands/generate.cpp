#include "tools/commands/generate.h"

#include <fmt/core.h>

#include <iostream>

#include "reference/golden.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "vectors/generate.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options("dfp16 generate --suite NAME -o FILE | --stream [options]: writes golden vectors",
                                    110);
    std::string suites;
    for (const std::string& name : suite_names()) suites += (suites.empty() ? "" : ", ") + name;
    // clang-format off
    options.add_options()
        ("suite", po::value<std::string>(), suites.c_str())
        ("level", text_option("1"), "1 (seconds) to 3 (many more and larger cases)")
        ("seed", text_option("1"), "seed of the data")
        ("threads", text_option(default_threads()), "threads of golden; the file does not depend on them")
        ("shard", text_option("1/1"), "I/N: only the cases whose number modulo N is I - 1")
        ("output,o", po::value<std::string>(), "the HDF5 file to write")
        ("stream", "lines of text on standard output, for a simulator to answer (docs/streams.md)")
        ("answers", "with --stream: golden's answers too")
        ("help,h", "this text");
    // clang-format on
    return options;
}

}  // namespace

int generate_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("generate", arguments, description);
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    GenerateOptions options{required(given, "generate", "suite", "--suite"),
                            static_cast<int>(whole_number(given, "level", 1, kLevelMax)),
                            seed_of(given),
                            std::string("dfp16 ") + DFP16_VERSION,
                            {},
                            shard_of(given["shard"].as<std::string>())};
    const bool stream = given.contains("stream");
    if (stream && given.contains("output")) throw InputError("generate: -o FILE and --stream, expected one of them");
    if (!stream && given.contains("answers")) throw InputError("generate: --answers without --stream, expected both");
    const std::string path = stream ? "" : required(given, "generate", "output", "--stream or -o FILE");
    const int threads = threads_of(given);
    make_suite(options.suite, options.level);  // an unknown name is told before anything else happens
    const auto golden = make_golden_backend(threads);
    fmt::print(stderr, "generate: suite {}, level {}, seed {}, contract {}, ISA {} ({}), threads {}\n", options.suite,
               options.level, options.seed, kContractVersion, golden->isa(), golden->name(), threads);
    std::int64_t cases = 0;
    {
        Progress progress("generate");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        cases = stream ? generate_stream(sink_of(stdout, "standard output"), options,
                                         given.contains("answers") ? golden.get() : nullptr)
                       : generate_file(path, options, *golden);
    }
    if (stream) return 0;
    fmt::print("{}: suite {}, level {}, seed {}, contract {}: {} cases\n", path, options.suite, options.level,
               options.seed, kContractVersion, cases);
    return 0;
}

}  // namespace dfp16
