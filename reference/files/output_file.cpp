#include "reference/files/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// The permissions that open() would have given; mkstemp gives 0600.
mode_t default_permissions() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
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
    temporary_ = path_ + ".XXXXXX";
    descriptor_ = mkstemp(temporary_.data());
    if (descriptor_ < 0) {
        temporary_.clear();
        fail("cannot write");
    }
    fchmod(descriptor_, exists ? status.st_mode & 07777 : default_permissions());
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
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

void OutputFile::commit() {
    if (fsync(descriptor_) != 0) fail("cannot write");
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail("cannot write");
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot rename to");
    temporary_.clear();
}

}  // namespace dfp16
