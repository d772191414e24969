// Reads packed JPEG files (docs/data.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/data/image_index.h"
#include "reference/data/jpeg.h"

namespace dfp16 {

/// One set of a packed file. Images may be read by several threads at once.
class PackedImages {
public:
    /// `set` is "train" or "test" of an open file. Throws InputError for what cannot be right.
    PackedImages(hid_t file, const std::string& path, const std::string& set, std::int64_t classes);
    ~PackedImages();
    PackedImages(const PackedImages&) = delete;
    PackedImages& operator=(const PackedImages&) = delete;

    const ImageIndex& index() const { return index_; }
    /// The JPEG's bytes, checked by their digest. Throws InputError, which names file and image.
    std::vector<std::uint8_t> bytes_of(std::uint32_t sample) const;
    Image decode(std::uint32_t sample) const;
    /// "FILE: train image 12 (dog/a.jpg): ...". Throws it as InputError.
    [[noreturn]] void fail(std::uint32_t sample, const std::string& reason) const;

private:
    void find_chunks(hid_t group);
    void check_index(std::int64_t classes) const;

    std::string path_;
    std::string place_;
    std::string set_;
    ImageIndex index_;
    std::vector<std::string> names_;
    std::uint64_t bytes_ = 0;
    std::uint64_t chunk_bytes_ = 1;
    std::vector<std::uint64_t> chunks_;  ///< where each chunk of the bytes begins in the file
    int descriptor_ = -1;                ///< the HDF5 library serves one thread only; the bytes are read beside it
};

struct PackedFile {
    PackedHeader header;
    std::shared_ptr<const PackedImages> train;
    std::shared_ptr<const PackedImages> test;  ///< none if the file has no test set
};

/// Whether `path` is a regular file, which `--data` then takes for a packed one.
bool is_packed_file(const std::string& path);
/// Opens a file and checks its index by digest, and the images' bytes too if they are 1 GiB or less (each image is
/// checked again when it is read). Throws InputError.
PackedFile open_packed(const std::string& path, int threads);

}  // namespace dfp16
