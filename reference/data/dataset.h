// A labelled set of 8-bit images, and how it becomes network input (docs/data.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "sim/types/label.h"

namespace dfp16 {

/// What pixels become: x = (p / 255 - mean) / deviation, in FP32.
struct Normalization {
    float mean = 0.0f;
    float deviation = 1.0f;
};

struct Dataset {
    std::int64_t count = 0;
    std::int64_t channels = 0, height = 0, width = 0;
    std::int64_t classes = 0;
    std::vector<std::uint8_t> pixels;  ///< (count, channels, height, width), row-major
    std::vector<Label> labels;         ///< (count), each in [0, classes)
    Normalization normalization;       ///< of the training set, for the test set too

    std::int64_t pixels_per_sample() const { return channels * height * width; }
};

/// The normalization of a set: mean and standard deviation of all its pixels / 255, from exact integer sums. Pixels
/// that are all equal give deviation 1.
Normalization normalization_of(const Dataset& dataset);

/// The images with the given sample numbers, normalized -> out fp32 (samples, C, H, W). `out` is reused if it has that
/// shape already. Throws InputError for a sample number out of range.
void normalize(const Dataset& dataset, std::span<const std::uint32_t> samples, HostTensor& out);

/// Their labels -> out label (samples). Throws as normalize().
void gather_labels(const Dataset& dataset, std::span<const std::uint32_t> samples, HostTensor& out);

}  // namespace dfp16
