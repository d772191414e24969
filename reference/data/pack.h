// Makes a packed file of image files.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reference/data/image_index.h"
#include "reference/data/image_list.h"

namespace dfp16 {

struct PackOptions {
    std::string output{};
    std::int64_t resize = 0;  ///< shorter side of larger images, which are encoded again; 0: all stay as they are
    int quality = 95;         ///< of those
    bool skip_bad = false;    ///< leave out what cannot be decoded, instead of InputError
    int threads = 1;
};

struct BadImage {
    std::string path;
    std::string reason;
};

struct PackResult {
    std::int64_t train_images = 0, test_images = 0;
    std::uint64_t bytes = 0;  ///< of all JPEGs
    PackedHeader header;
    std::string digest;
    std::vector<BadImage> bad;
};

struct PackObserver {
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<void(const BadImage&)> bad;
    std::function<bool()> stop;  ///< asked between images; true ends the work with PackStopped
};

/// The work was stopped as asked; nothing was written.
struct PackStopped {};

/// Decodes every image once, for its size, its statistics and to know that it is sound. The file depends on the images
/// and the options, not on the threads. Throws InputError.
PackResult pack_images(const ImageList& train, const std::optional<ImageList>& test, const PackOptions& options,
                       const PackObserver& observer);

}  // namespace dfp16
