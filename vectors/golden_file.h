// HDF5 golden vectors, schema 1 (docs/vectors.md): one file is one suite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/files/output_file.h"
#include "vectors/case.h"
#include "vectors/hdf5_tensor.h"
#include "vectors/shard.h"

namespace dfp16 {

inline constexpr int kSchema = 1;
inline constexpr std::int64_t kMostCases = 1'000'000;  // six digits number them

/// The root attributes.
struct FileHeader {
    std::string contract;
    std::string suite;
    int level = 1;
    std::uint64_t seed = 1;
    std::string generator;  ///< program and version
    Shard shard{};          ///< which of the suite's cases the file has
};

/// "000012"
std::string case_group_name(std::int64_t number);

/// Writes a file case by case, under a temporary name; commit() gives it its own.
class GoldenWriter {
public:
    /// Throws InputError for an unwritable place.
    GoldenWriter(const std::string& path, const FileHeader& header);
    /// Appends the next case. Throws InputError for the case numbered 1,000,000, and for a failed write (disk full,
    /// ...).
    void add(const Case& golden_case);
    std::int64_t cases() const { return cases_; }
    /// Completes the file; nothing can be added afterwards. Throws InputError; an existing file is untouched upon
    /// failure.
    void commit();

private:
    void write(const Case& golden_case);

    OutputFile output_;
    hdf5::StreamedFile file_;
    hdf5::Handle group_;
    std::int64_t cases_ = 0;
};

/// A case without its tensors.
struct CaseEntry {
    CaseHeader header;
    std::string params;  ///< the attribute's JSON text
    std::string digest;
};

/// A case as its file has it: what is left to do needs no HDF5 (inflate_case).
struct StoredCase {
    CaseEntry entry;
    std::string place;  ///< "FILE: case 000012"
    std::vector<hdf5::StoredTensor> inputs;
    std::vector<hdf5::StoredTensor> outputs;
};

/// Inflated, the digest checked. Throws InputError for damage.
Case inflate_case(StoredCase stored);

/// Reads cases one by one. Everything that is wrong with a file is one InputError: file, case, object, found, expected.
class GoldenReader {
public:
    /// Checks schema and contract version, and that cases are numbered without gaps.
    explicit GoldenReader(const std::string& path);

    const FileHeader& header() const { return header_; }
    std::int64_t cases() const { return cases_; }
    /// number from 0. Throws InputError for a number beyond the last.
    CaseEntry entry(std::int64_t number) const;
    /// The part of read() that needs HDF5, in which only one thread can be at a time.
    StoredCase fetch(std::int64_t number) const;
    /// The whole case; its digest is checked.
    Case read(std::int64_t number) const { return inflate_case(fetch(number)); }

private:
    FileHeader read_header() const;
    Shard read_shard() const;
    void count_cases();
    std::string place(std::int64_t number) const;
    CaseEntry entry(const hdf5::Handle& group, const std::string& here) const;
    hdf5::Handle open_case(std::int64_t number) const;

    std::string path_;
    hdf5::Handle file_;
    FileHeader header_;
    hdf5::Handle group_;
    std::int64_t cases_ = 0;
};

}  // namespace dfp16
