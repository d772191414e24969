// A labelled set of images, and how 8-bit pixels become network input (docs/data.md).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/types/label.h"

namespace dfp16 {

class PackedImages;

/// What the pixels of a channel become: x = (p / 255 - mean) / deviation, in FP32.
struct Normalization {
    float mean = 0.0f;
    float deviation = 1.0f;
};

/// Its images are pixels in memory, or packed JPEGs that are decoded when they are needed.
struct Dataset {
    std::int64_t count = 0;
    std::int64_t channels = 0, height = 0, width = 0;  ///< of the network's input
    std::int64_t classes = 0;
    std::vector<std::uint8_t> pixels;            ///< (count, channels, height, width), row-major; empty if packed
    std::shared_ptr<const PackedImages> packed;  ///< of any size; null if in memory
    std::vector<Label> labels;                   ///< (count), each in [0, classes)
    std::vector<Normalization> normalization;    ///< of each channel; the training set's, for the test set too

    std::int64_t pixels_per_sample() const { return channels * height * width; }
};

/// Mean and standard deviation of n pixels / 255 whose sum and sum of squares are given. Pixels that are all equal give
/// deviation 1.
Normalization normalization_of(std::int64_t n, std::int64_t sum, std::int64_t squares);
/// That of all pixels of a set in memory, for each of its channels.
std::vector<Normalization> normalization_of(const Dataset& dataset);

/// What each of the 256 pixel values becomes.
std::array<float, 256> normalized_values(const Normalization& normalization);

}  // namespace dfp16
