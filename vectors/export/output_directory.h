// A directory of files that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dfp16 {

/// Files go to a temporary directory beside it; commit() gives that its name. An existing directory is replaced if it
/// is empty, or if its list of files ("dfp16-files.txt", which every such directory has) accounts for all it holds:
/// what is not ours is never removed.
class OutputDirectory {
public:
    /// Throws InputError for an unwritable place, and for a path that names a file or a directory with other content.
    explicit OutputDirectory(const std::string& path);
    /// Removes the temporary directory, unless committed. (A signal that ends the command leaves it.)
    ~OutputDirectory();
    OutputDirectory(const OutputDirectory&) = delete;
    OutputDirectory& operator=(const OutputDirectory&) = delete;

    /// Writes a whole file; `name` may lie in a subdirectory ("000012/in_a.hex"). Throws InputError (disk full, ...).
    void write(const std::string& name, const std::string& content);
    /// Throws InputError; an existing directory is then untouched.
    void commit();

private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    std::vector<std::string> names_;
};

}  // namespace dfp16
