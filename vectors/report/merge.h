// Reports of shards become the report of the whole run, the same that one run of everything writes.
#pragma once

#include <string>
#include <vector>

#include "vectors/verify.h"

namespace dfp16 {

/// A shard's report and the file that it came from.
struct NamedReport {
    std::string path;
    VerifyReport report;
};

/// All shards 1/N ... N/N of one run, in any order. Throws InputError, which names the file, for reports of different
/// runs (source, suite, level, seed, contract, backends), for a shard that comes twice, and for one that is missing.
VerifyReport merge(const std::vector<NamedReport>& shards);

}  // namespace dfp16
