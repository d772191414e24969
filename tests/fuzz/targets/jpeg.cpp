// JPEG files, as packing and packed files decode them.
#include "reference/data/jpeg.h"

#include "tests/fuzz/helpers.h"

namespace dfp16::fuzz {

namespace {

constexpr std::int64_t kMostPixels = 1 << 20;  // decoding more is slow, not wrong

/// Whether some frame header (markers FFC0 to FFCF) claims more than that.
bool is_large(Bytes bytes) {
    for (std::size_t i = 0; i + 8 < bytes.size(); ++i) {
        if (bytes[i] != 0xFF || (bytes[i + 1] & 0xF0) != 0xC0) continue;
        const std::int64_t height = bytes[i + 5] << 8 | bytes[i + 6];
        const std::int64_t width = bytes[i + 7] << 8 | (i + 8 < bytes.size() ? bytes[i + 8] : 0);
        if (height * width > kMostPixels) return true;
    }
    return false;
}

}  // namespace

void jpeg(Bytes bytes) {
    if (is_large(bytes)) return;
    accepted([&] {
        const Image image = decode_jpeg(bytes);
        require(image.width > 0 && image.height > 0 &&
                    image.pixels.size() == static_cast<std::size_t>(3 * image.width * image.height),
                "sizes of the image disagree");
    });
}

}  // namespace dfp16::fuzz
