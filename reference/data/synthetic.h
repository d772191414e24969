// Made-up images and labels, a function of seed and index only (docs/data.md).
#pragma once

#include <cstdint>
#include <string>

#include "reference/data/dataset.h"

namespace dfp16 {

/// What "synthetic:CxHxW:CLASSES[:COUNT]" asks for. `count` training images, a quarter as many for testing.
struct SyntheticSpec {
    std::int64_t channels = 0, height = 0, width = 0;
    std::int64_t classes = 0;
    std::int64_t count = 4096;
};

/// Throws InputError for anything but positive decimal numbers in that form, and for a set of more than 2^32 pixels.
SyntheticSpec synthetic_spec_of(const std::string& text);

/// Which of the two sets; the number is the random stream's tensor id.
enum class SyntheticSet : std::uint32_t { train = 0, test = 1 };

/// `count` samples. With n the sample number and i the pixel's place (c, h, w) in the image of D pixels:
///   label  = word of purpose synthetic_label, element n, modulo classes
///   cell   = (c * ceil(H/4) + floor(h/4)) * ceil(W/4) + floor(w/4), of E = C * ceil(H/4) * ceil(W/4)
///   signal = word of purpose synthetic_image, tensor 2, element label * E + cell, >> 24
///   noise  = word of purpose synthetic_image, element n * D + i, >> 24
///   pixel  = floor((signal + noise) / 2)
/// So each class is a pattern of 4x4 squares under noise of the same strength. The normalization is the set's own.
Dataset make_synthetic(const SyntheticSpec& spec, SyntheticSet which, std::int64_t count, std::uint64_t seed);

}  // namespace dfp16
