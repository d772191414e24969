#include "vectors/export/output_directory.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "sim/types/error.h"

namespace dfp16 {

namespace fs = std::filesystem;

namespace {

constexpr const char* kList = "dfp16-files.txt";

/// The first thing in the directory that its list does not name; empty if there is none.
std::string foreign_in(const fs::path& directory) {
    std::vector<std::string> known{kList};
    std::ifstream list(directory / kList);
    for (std::string line; std::getline(list, line);) known.push_back(line);
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_directory() && !entry.is_symlink()) continue;
        std::string name = entry.path().lexically_relative(directory).generic_string();
        if (std::find(known.begin(), known.end(), name) == known.end()) return name;
    }
    return "";
}

/// Throws InputError for a place that commit() could not take.
void check_free(const fs::path& path) {
    if (!fs::exists(fs::symlink_status(path))) return;
    if (!fs::is_directory(fs::symlink_status(path))) {
        throw InputError("cannot write " + path.string() + ": it is not a directory, expected a new or empty one");
    }
    const std::string foreign = foreign_in(path);
    if (foreign.empty()) return;
    throw InputError("cannot write " + path.string() + ": it holds " + foreign +
                     ", which no export wrote; expected a new or empty directory");
}

fs::path without_slash(const std::string& path) {
    const fs::path normal = fs::absolute(path).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
}

fs::path temporary_beside(const fs::path& path) {
    std::string name = path.string() + ".XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        throw InputError("cannot write " + path.string() + ": " + std::strerror(errno));
    }
    return name;
}

}  // namespace

OutputDirectory::OutputDirectory(const std::string& path) : path_(without_slash(path)) {
    try {
        check_free(path_);
        temporary_ = temporary_beside(path_);
        fs::permissions(temporary_,
                        fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                        fs::perm_options::add);
    } catch (const fs::filesystem_error& error) {
        throw InputError("cannot write " + path + ": " + error.code().message());
    }
}

OutputDirectory::~OutputDirectory() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void OutputDirectory::write(const std::string& name, const std::string& content) {
    std::error_code failed;
    fs::create_directories((temporary_ / name).parent_path(), failed);
    if (failed) throw InputError("cannot write " + (path_ / name).string() + ": " + failed.message());
    std::ofstream file(temporary_ / name, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) throw InputError("cannot write " + (path_ / name).string() + ": " + std::strerror(errno));
    names_.push_back(name);
}

void OutputDirectory::commit() {
    std::string list;
    for (const std::string& name : names_) list += name + "\n";
    write(kList, list);
    check_free(path_);
    std::error_code failed;
    const bool exists = fs::exists(path_);
    const fs::path old = exists ? temporary_beside(path_) : fs::path();
    if (exists) fs::rename(path_, old, failed);
    if (!failed) fs::rename(temporary_, path_, failed);
    if (failed) {
        std::error_code ignored;
        if (exists) fs::rename(old, path_, ignored);
        throw InputError("cannot write " + path_.string() + ": " + failed.message());
    }
    temporary_.clear();
    if (exists) fs::remove_all(old, failed);
}

}  // namespace dfp16
