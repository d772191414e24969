// JPEG images, through libjpeg-turbo with fixed choices (docs/data.md), so that decoded bits are the same everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dfp16 {

/// RGB, 8 bits a channel, row after row.
struct Image {
    std::int64_t width = 0, height = 0;
    std::vector<std::uint8_t> pixels;  ///< (height, width, 3)
};

/// Grayscale and CMYK become RGB. Throws InputError with the reason alone ("Premature end of JPEG file") for what is
/// not a whole and sound JPEG, and for more than 2^27 pixels.
Image decode_jpeg(std::span<const std::uint8_t> bytes);

/// Baseline, chroma halved in both directions; quality 1 to 100.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace dfp16
