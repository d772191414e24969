// Names of temporary files, known to a signal handler, so that a process that a signal ends leaves none behind.
#pragma once

#include <string>

namespace dfp16 {

/// A name, as long as a file of that name may exist. Creates and removes nothing itself.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string path);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
    int slot_ = -1;
};

/// Removes the files of all living names. For signal handlers: it takes no lock and no memory.
void remove_temporary_files() noexcept;

}  // namespace dfp16
