// Writes a suite as a golden file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "reference/interface/backend.h"
#include "vectors/shard.h"

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

}  // namespace dfp16
