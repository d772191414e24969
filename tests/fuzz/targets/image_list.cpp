// Lists of images, one a line.
#include "reference/data/image_list.h"

#include <algorithm>
#include <cctype>

#include "tests/fuzz/helpers.h"
#include "tests/fuzz/input_file.h"

namespace dfp16::fuzz {

namespace {

/// A label of six digits may ask for the names of a million classes: slow, not wrong.
bool has_large_label(Bytes bytes) {
    int digits = 0;
    return std::any_of(bytes.begin(), bytes.end(), [&](std::uint8_t c) {
        digits = std::isdigit(c) != 0 ? digits + 1 : 0;
        return digits > 5;
    });
}

}  // namespace

void image_list(Bytes bytes) {
    const InputFile file(bytes);
    for (const std::vector<std::string>& classes : {std::vector<std::string>{}, {"ant", "bee"}}) {
        if (classes.empty() && has_large_label(bytes)) continue;
        accepted([&] {
            const ImageList list = read_list(file.path(), "images", classes);
            require(!list.images.empty(), "no images");
            for (const ListedImage& image : list.images) {
                require(image.label >= 0 && static_cast<std::size_t>(image.label) < list.classes.size(), "label");
            }
        });
    }
}

}  // namespace dfp16::fuzz
