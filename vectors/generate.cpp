#include "vectors/generate.h"

#include <fmt/format.h>

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/golden_file.h"
#include "vectors/suite.h"

namespace dfp16 {

std::int64_t generate_file(const std::string& path, const GenerateOptions& options, Backend& golden) {
    const Suite suite = make_suite(options.suite, options.level);
    const auto total = static_cast<std::int64_t>(suite.size());
    if (options.shard.index > total) {
        throw InputError(fmt::format("shard {}/{} of suite {} is empty, expected I up to its {} cases",
                                     options.shard.index, options.shard.count, options.suite, total));
    }
    GoldenWriter writer(
        path, {kContractVersion, options.suite, options.level, options.seed, options.generator, options.shard});
    for (std::int64_t i = options.shard.index - 1; i < total; i += options.shard.count) {
        Case made = suite.make(static_cast<std::size_t>(i), options.seed);
        made.outputs = run(made, golden);
        writer.add(made);
        if (options.progress) options.progress(i + 1, total);
    }
    writer.commit();
    return writer.cases();
}

}  // namespace dfp16
