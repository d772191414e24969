#include "reference/files/output_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// `path` and six random letters.
std::string temporary_name(const std::string& path) {
    std::array<unsigned char, 6> letters{};
    if (getrandom(letters.data(), letters.size(), 0) != static_cast<ssize_t>(letters.size())) return path + ".000000";
    std::string name = path + ".";
    for (const unsigned char letter : letters) name += static_cast<char>('a' + letter % 26);
    return name;
}

/// A rename lasts once its directory is on the disk.
bool sync_directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool synced = fsync(descriptor) == 0 || errno == EINVAL;  // EINVAL: a file system without it
    close(descriptor);
    return synced;
}

/// The file that a symbolic link leads to: renaming replaces that and leaves the link.
std::string resolved(const std::string& path) {
    char* real = realpath(path.c_str(), nullptr);
    if (real == nullptr) return path;
    std::string resolved_path = real;
    std::free(real);
    return resolved_path;
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(resolved(path)) {
    struct stat status {};
    const bool exists = stat(path_.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        throw InputError("cannot write " + path + ": not a regular file");
    }
    if (exists && access(path_.c_str(), W_OK) != 0) fail("cannot write");
    do {
        temporary_.emplace(temporary_name(path_));
        descriptor_ = open(temporary_->path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) fail("cannot write");
    if (exists) fchmod(descriptor_, status.st_mode & 07777);
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (temporary_) unlink(temporary_->path().c_str());
}

void OutputFile::fail(const char* what) const {
    throw InputError(std::string(what) + " " + path_ + ": " + std::strerror(errno));
}

void OutputFile::write(const void* data, std::size_t size) {
    const char* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::write(descriptor_, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot write");
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
}

void OutputFile::write_at(std::uint64_t at, const void* data, std::size_t size) {
    const char* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = pwrite(descriptor_, bytes, size, static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot write");
        bytes += written;
        at += static_cast<std::uint64_t>(written);
        size -= static_cast<std::size_t>(written);
    }
}

void OutputFile::read_at(std::uint64_t at, void* into, std::size_t size) const {
    char* bytes = static_cast<char*>(into);
    while (size > 0) {
        const ssize_t got = pread(descriptor_, bytes, size, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read back");
        if (got == 0) return;
        bytes += got;
        at += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
}

void OutputFile::resize(std::uint64_t size) {
    if (ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail("cannot write");
}

void OutputFile::commit() {
    if (fsync(descriptor_) != 0) fail("cannot write");
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail("cannot write");
    if (std::rename(temporary_->path().c_str(), path_.c_str()) != 0) fail("cannot rename to");
    temporary_.reset();
    if (!sync_directory_of(path_)) fail("cannot write");
}

}  // namespace dfp16
