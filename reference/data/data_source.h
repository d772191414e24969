// What `--data` names: a training set and a test set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reference/data/augment.h"
#include "reference/data/dataset.h"

namespace dfp16 {

struct DataOptions {
    ImageSize size{224, 224};          ///< what packed images are brought to; others stay as they are
    std::optional<Augment> augment{};  ///< default: crop_flip for packed images, otherwise none
    int threads = 1;                   ///< that decode and augment ahead of the training
};

/// Both sets have the same image shape, classes and normalization (the training set's).
struct DataSource {
    Dataset train;
    Dataset test;
    Augment augment = Augment::none;  ///< of training images
    int threads = 1;
};

/// `spec` is "synthetic:CxHxW:CLASSES[:COUNT]", a file that `dfp16 pack` wrote, or a directory with
/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or
/// with .gz (plain is preferred). The seed counts for synthetic data only. Throws InputError.
DataSource load_data(const std::string& spec, std::uint64_t seed, const DataOptions& options = {});

}  // namespace dfp16
