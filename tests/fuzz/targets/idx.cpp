// IDX files, plain or gzipped: the length of the images' file in 4 bytes, that file, the labels' file.
#include "reference/data/idx.h"

#include "tests/fuzz/choices.h"
#include "tests/fuzz/helpers.h"
#include "tests/fuzz/input_file.h"

namespace dfp16::fuzz {

void idx(Bytes bytes) {
    Choices choices(bytes);
    const InputFile images(choices.part(4));
    const InputFile labels(choices.rest());
    accepted([&] {
        const Dataset set = load_idx(images.path(), labels.path());
        require(set.count > 0 && set.labels.size() == static_cast<std::size_t>(set.count) &&
                    set.pixels.size() == static_cast<std::size_t>(set.count * set.pixels_per_sample()),
                "sizes of the set disagree");
        for (const Label label : set.labels) require(label.value >= 0 && label.value < set.classes, "label");
    });
}

}  // namespace dfp16::fuzz
