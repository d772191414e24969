#include "reference/data/dataset.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

__extension__ using Int128 = __int128;  // count * sum of squares passes 64 bits on real sets

void shape_output(HostTensor& out, ElementType type, const Shape& shape) {
    if (out.type() != type || out.shape != shape) out = HostTensor(type, shape);
}

void check_samples(const Dataset& dataset, std::span<const std::uint32_t> samples) {
    for (const std::uint32_t sample : samples) {
        if (sample >= dataset.count) {
            throw InputError(fmt::format("sample {} of a data set, expected 0 to {}", sample, dataset.count - 1));
        }
    }
}

/// x for each of the 256 pixel values.
std::array<float, 256> normalized_values(const Normalization& normalization) {
    std::array<float, 256> values{};
    for (std::size_t p = 0; p < values.size(); ++p) {
        const float scaled = static_cast<float>(p) / 255.0f;
        values[p] = (scaled - normalization.mean) / normalization.deviation;
    }
    return values;
}

}  // namespace

Normalization normalization_of(const Dataset& dataset) {
    std::int64_t sum = 0;
    std::int64_t squares = 0;
    for (const std::int64_t p : dataset.pixels) {
        sum += p;
        squares += p * p;
    }
    const auto n = static_cast<std::int64_t>(dataset.pixels.size());
    const Int128 spread = Int128{n} * squares - Int128{sum} * sum;  // n^2 times the variance, exact
    const double scale = static_cast<double>(n) * 255.0;
    Normalization normalization;
    normalization.mean = static_cast<float>(static_cast<double>(sum) / scale);
    const auto deviation = static_cast<float>(std::sqrt(static_cast<double>(spread)) / scale);
    if (deviation > 0.0f) normalization.deviation = deviation;
    return normalization;
}

void normalize(const Dataset& dataset, std::span<const std::uint32_t> samples, HostTensor& out) {
    check_samples(dataset, samples);
    shape_output(out, ElementType::fp32,
                 {static_cast<std::int64_t>(samples.size()), dataset.channels, dataset.height, dataset.width});
    const std::array<float, 256> values = normalized_values(dataset.normalization);
    const auto size = static_cast<std::size_t>(dataset.pixels_per_sample());
    float* x = out.fp32().data();
    for (const std::uint32_t sample : samples) {
        const std::uint8_t* pixels = dataset.pixels.data() + sample * size;
        for (std::size_t i = 0; i < size; ++i) *x++ = values[pixels[i]];
    }
}

void gather_labels(const Dataset& dataset, std::span<const std::uint32_t> samples, HostTensor& out) {
    check_samples(dataset, samples);
    shape_output(out, ElementType::label, {static_cast<std::int64_t>(samples.size())});
    for (std::size_t i = 0; i < samples.size(); ++i) out.labels()[i] = dataset.labels[samples[i]];
}

}  // namespace dfp16
