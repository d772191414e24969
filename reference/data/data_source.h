// What `--data` names: a training set and a test set.
#pragma once

#include <cstdint>
#include <string>

#include "reference/data/dataset.h"

namespace dfp16 {

/// Both have the same image shape, classes and normalization (the training set's).
struct DataSource {
    Dataset train;
    Dataset test;
};

/// `spec` is "synthetic:CxHxW:CLASSES[:COUNT]", or a directory with train-images-idx3-ubyte, train-labels-idx1-ubyte,
/// t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz (plain is preferred). The seed counts for
/// synthetic data only. Throws InputError.
DataSource load_data(const std::string& spec, std::uint64_t seed);

}  // namespace dfp16
