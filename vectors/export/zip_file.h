// A zip file, written member by member; with the 64-bit records where sizes or counts need them. No times are stored:
// the same members give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "reference/files/output_file.h"

namespace dfp16 {

class ZipFile {
public:
    /// Deflates members if `deflated`, otherwise stores them. Throws InputError for an unwritable place.
    ZipFile(const std::string& path, bool deflated) : output_(path), deflated_(deflated) {}
    /// A member of the content `head` followed by `data`. `name` is ASCII and at most 65535 bytes long. Throws
    /// InputError.
    void add(const std::string& name, std::string_view head, std::string_view data);
    /// Writes the directory; the file then has its name. Throws InputError.
    void commit();

private:
    struct Member;
    void write(std::string_view bytes);
    void add_to_directory(const Member& member);

    OutputFile output_;
    bool deflated_;
    std::uint64_t size_ = 0;
    std::uint64_t members_ = 0;
    std::string directory_;
};

}  // namespace dfp16
