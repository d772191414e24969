// IDX files, as MNIST and Fashion-MNIST come in: big-endian 32-bit magic and sizes, then unsigned bytes.
#pragma once

#include <cstdint>
#include <string>

#include "reference/data/dataset.h"

namespace dfp16 {

/// Reads images (magic 0x00000803; count, height, width) and labels (magic 0x00000801; count), plain or gzipped.
/// `classes` = 0 takes 10, or more if the labels show more; otherwise a label of `classes` or above is an error. The
/// normalization is the set's own. Throws InputError that names the file, what is wrong, and what was expected.
Dataset load_idx(const std::string& images_path, const std::string& labels_path, std::int64_t classes = 0);

}  // namespace dfp16
