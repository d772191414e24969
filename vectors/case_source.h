// Where verify takes cases from: a golden file, or suites whose cases are made as they are wanted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vectors/golden_file.h"

namespace dfp16 {

class CaseSource {
public:
    virtual ~CaseSource() = default;
    /// Suite, level, seed, contract.
    virtual const FileHeader& header() const = 0;
    /// The file, or "suite conv": what messages begin with.
    virtual std::string name() const = 0;
    /// How many there are; kEndless: as many as are asked for.
    virtual std::int64_t cases() const = 0;
    /// Whether read() gives outputs to compare golden with.
    virtual bool stores_outputs() const = 0;
    /// Case `number` from 0. May be called by several threads at once. Throws InputError for a number beyond the last,
    /// and for damage.
    virtual Case read(std::int64_t number) = 0;
    /// The arguments of `dfp16 verify` that give this case alone.
    virtual std::string arguments_of(std::int64_t number) const = 0;
};

inline constexpr std::int64_t kEndless = -1;

/// Throws InputError for a damaged or foreign file and for one without cases.
std::unique_ptr<CaseSource> make_file_source(const std::string& path);

/// The cases of these suites one after the other, then again with the next seed, `rounds` times (kEndless: without
/// end). Throws InputError for an unknown name or level.
std::unique_ptr<CaseSource> make_suite_source(const std::vector<std::string>& suites, int level, std::uint64_t seed,
                                              std::int64_t rounds);

}  // namespace dfp16
