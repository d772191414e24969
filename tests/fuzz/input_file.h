// An input as a file, for readers that open a path. It lies in TMPDIR, which is better in memory.
#pragma once

#include <string>

#include "tests/fuzz/targets.h"

namespace dfp16::fuzz {

class InputFile {
public:
    explicit InputFile(Bytes bytes);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    /// Replaces the content.
    void set(Bytes bytes);
    std::string content() const;
    const std::string& path() const { return path_; }

private:
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace dfp16::fuzz
