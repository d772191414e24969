#include "vectors/generate.h"

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/golden_file.h"
#include "vectors/suite.h"

namespace dfp16 {

std::int64_t generate_file(const std::string& path, const GenerateOptions& options, Backend& golden) {
    const Suite suite = make_suite(options.suite, options.level);
    GoldenWriter writer(path, {kContractVersion, options.suite, options.level, options.seed, options.generator});
    const auto total = static_cast<std::int64_t>(suite.size());
    for (std::int64_t i = 0; i < total; ++i) {
        Case made = suite.make(static_cast<std::size_t>(i), options.seed);
        made.outputs = run(made, golden);
        writer.add(made);
        if (options.progress) options.progress(i + 1, total);
    }
    writer.commit();
    return writer.cases();
}

std::int64_t generate_stream(const TextSink& sink, const GenerateOptions& options, Backend* golden) {
    const Suite suite = make_suite(options.suite, options.level);
    write_stream_header({kContractVersion, options.suite, options.level, options.seed, options.generator}, sink);
    const auto total = static_cast<std::int64_t>(suite.size());
    for (std::int64_t i = 0; i < total; ++i) {
        Case made = suite.make(static_cast<std::size_t>(i), options.seed);
        if (golden != nullptr) made.outputs = run(made, *golden);
        write_stream_case(i, made, sink);
        if (options.progress) options.progress(i + 1, total);
    }
    write_stream_end(total, sink);
    return total;
}

}  // namespace dfp16
