#include <cstdlib>
#include <cstring>

#include "reference/files/hdf5.h"

namespace dfp16::hdf5 {

namespace {

/// Where a superblock of version 3 holds the end of the file ("HDF5 File Format Specification Version 3.0", II.A).
constexpr std::size_t kEndOfFileOffset = 28;

}  // namespace

void* MemoryFile::allocate(std::size_t size, H5FD_file_image_op_t operation, void* image) {
    return resize(nullptr, size, operation, image);
}

void* MemoryFile::resize(void* bytes, std::size_t size, H5FD_file_image_op_t, void* image) {
    auto& own = *static_cast<Image*>(image);
    auto* resized = static_cast<char*>(std::realloc(bytes, size));
    if (resized == nullptr) return nullptr;
    if (size > own.size)
        std::memset(resized + own.size, 0, size - own.size);  // gaps between objects are part of the bytes
    own.size = size;
    return resized;
}

herr_t MemoryFile::release(void* bytes, H5FD_file_image_op_t, void* image) {
    static_cast<Image*>(image)->bytes = static_cast<char*>(bytes);
    return 0;
}

Handle MemoryFile::create(Image& image) {
    silence();
    const auto same = [](void* udata) { return udata; };
    const auto nothing = [](void*) -> herr_t { return 0; };
    H5FD_file_image_callbacks_t callbacks{allocate, nullptr, resize, release, same, nothing, &image};
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, kFailure);
    check(H5Pset_fapl_core(access, std::size_t{1} << 20, false), kFailure);
    check(H5Pset_file_image_callbacks(access, &callbacks), kFailure);
    // The format of HDF5 1.10: small, and its metadata have checksums.
    check(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), kFailure);
    const Handle creation = without_times(H5P_FILE_CREATE);
    return {H5Fcreate("golden-vectors", H5F_ACC_TRUNC, creation, access), H5Fclose, kFailure};
}

MemoryFile::MemoryFile() : file_(create(image_)) {}

MemoryFile::~MemoryFile() {
    file_.close();
    std::free(image_.bytes);
}

std::span<const char> MemoryFile::close() {
    // H5Fget_file_image() is no help: it clears a flag of the superblock and leaves the superblock's checksum wrong.
    check(file_.close(), kFailure);
    std::uint64_t size = 0;
    check(image_.size < kEndOfFileOffset + sizeof size ? -1 : 0, kFailure);
    std::memcpy(&size, image_.bytes + kEndOfFileOffset, sizeof size);
    check(size > image_.size ? -1 : 0, kFailure);
    return {image_.bytes, static_cast<std::size_t>(size)};
}

}  // namespace dfp16::hdf5
