#include "vectors/generate.h"

#include <fmt/format.h>

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/golden_file.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

FileHeader header_of(const GenerateOptions& options) {
    return {kContractVersion, options.suite, options.level, options.seed, options.generator, options.shard};
}

/// The whole suite, of which the shard has at least one case.
Suite suite_of(const GenerateOptions& options) {
    Suite suite = make_suite(options.suite, options.level);
    if (options.shard.index > static_cast<std::int64_t>(suite.size())) {
        throw InputError(fmt::format("shard {}/{} of suite {} is empty, expected I up to its {} cases",
                                     options.shard.index, options.shard.count, options.suite, suite.size()));
    }
    return suite;
}

}  // namespace

std::int64_t generate_file(const std::string& path, const GenerateOptions& options, Backend& golden) {
    const Suite suite = suite_of(options);
    const auto total = static_cast<std::int64_t>(suite.size());
    GoldenWriter writer(path, header_of(options));
    for (std::int64_t i = options.shard.index - 1; i < total; i += options.shard.count) {
        Case made = suite.make(static_cast<std::size_t>(i), options.seed);
        made.outputs = run(made, golden);
        writer.add(made);
        if (options.progress) options.progress(i + 1, total);
    }
    writer.commit();
    return writer.cases();
}

std::int64_t generate_stream(const TextSink& sink, const GenerateOptions& options, Backend* golden) {
    const Suite suite = suite_of(options);
    write_stream_header(header_of(options), sink);
    const auto total = static_cast<std::int64_t>(suite.size());
    std::int64_t cases = 0;
    for (std::int64_t i = options.shard.index - 1; i < total; i += options.shard.count) {
        Case made = suite.make(static_cast<std::size_t>(i), options.seed);
        if (golden != nullptr) made.outputs = run(made, *golden);
        write_stream_case(i, made, sink);
        ++cases;
        if (options.progress) options.progress(i + 1, total);
    }
    write_stream_end(cases, sink);
    return cases;
}

}  // namespace dfp16
