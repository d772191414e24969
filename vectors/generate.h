// Writes a suite as a golden file or as a stream of text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "reference/interface/backend.h"
#include "vectors/shard.h"
#include "vectors/stream/stream_writer.h"

namespace dfp16 {

struct GenerateOptions {
    std::string suite;
    int level = 1;
    std::uint64_t seed = 1;
    std::string generator;                                                ///< program and version, for the file
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< may be empty
    Shard shard{};                                                        ///< only these cases of the suite
};

/// Outputs are computed by `golden`. Gives the number of cases. Equal options give equal bytes. Throws InputError, also
/// for a shard without any case; an existing file is then untouched.
std::int64_t generate_file(const std::string& path, const GenerateOptions& options, Backend& golden);

/// Writes the suite as lines of text (docs/streams.md), with the answers of `golden` or, if it is null, without any.
/// Gives the number of cases. Equal options give equal bytes. Throws InputError, also where the sink does.
std::int64_t generate_stream(const TextSink& sink, const GenerateOptions& options, Backend* golden);

}  // namespace dfp16
