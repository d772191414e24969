// Bilinear resizing in integers (docs/data.md): the same bits on every CPU.
#pragma once

#include <cstdint>

namespace dfp16 {

/// 8-bit pixels that lie anywhere; element (c, y, x) is pixels[c * channel + y * row + x * pixel].
struct ImageView {
    const std::uint8_t* pixels = nullptr;
    std::int64_t channels = 0, height = 0, width = 0;
    std::int64_t channel_stride = 0, row_stride = 0, pixel_stride = 0;
};

struct Rectangle {
    std::int64_t top = 0, left = 0, height = 0, width = 0;
    friend bool operator==(const Rectangle&, const Rectangle&) = default;
};

/// What of an image is seen: `source` of it is brought to height x width, of that `window` is kept, and mirrored.
struct Sight {
    Rectangle source;
    std::int64_t height = 0, width = 0;
    Rectangle window;
    bool mirrored = false;
    friend bool operator==(const Sight&, const Sight&) = default;
};

/// -> out (channels, window.height, window.width).
void resize(const ImageView& image, const Sight& sight, std::uint8_t* out);

}  // namespace dfp16
