// A file that appears whole or not at all: written under a temporary name in the same directory, then renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "reference/files/temporary_file.h"

namespace dfp16 {

class OutputFile {
public:
    /// Creates the temporary file. Throws InputError if the directory is not writable or if `path` names something that
    /// is not a regular file.
    explicit OutputFile(const std::string& path);
    /// Removes the temporary file, unless committed. So does a signal that ends the command (temporary_file.h).
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Throws InputError (disk full, ...).
    void write(const void* data, std::size_t size);
    // For content that does not come in order. Each throws InputError.
    void write_at(std::uint64_t at, const void* data, std::size_t size);
    /// Bytes beyond the end are left as they are in `into`.
    void read_at(std::uint64_t at, void* into, std::size_t size) const;
    void resize(std::uint64_t size);
    /// The temporary file, for a library that writes to files by name.
    const std::string& temporary() const { return temporary_->path(); }
    /// Flushes to the disk and renames. Throws InputError.
    void commit();

private:
    [[noreturn]] void fail(const char* what) const;

    std::string path_;
    std::optional<TemporaryFile> temporary_;
    int descriptor_ = -1;
};

}  // namespace dfp16
