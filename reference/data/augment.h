// What of an image the network sees (docs/data.md).
#pragma once

#include <cstdint>
#include <string>

#include "reference/data/resize.h"

namespace dfp16 {

enum class Augment { none, flip, crop_flip };

/// "none", "flip", "crop-flip". Throws InputError for another name.
Augment augment_of(const std::string& name);
const char* name_of(Augment augment);

struct ImageSize {
    std::int64_t height = 0, width = 0;
    friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// The whole image, as it is.
Sight whole_sight(const ImageSize& image);
/// Shrunk or grown until it just covers 256/224 of `target`, then the middle of it.
Sight centre_sight(const ImageSize& image, const ImageSize& target);

/// `plain`, mirrored or not, or a random part instead, as sample and epoch have it. `target` is the size of what is
/// seen. Depends on nothing but the arguments.
Sight augmented(Augment augment, const Sight& plain, const ImageSize& image, const ImageSize& target,
                std::uint64_t seed, std::uint32_t epoch, std::uint32_t sample);

}  // namespace dfp16
