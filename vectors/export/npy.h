// NumPy's array format, version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vectors/export/export.h"

namespace dfp16::npy {

/// What comes before the elements: `type` is NumPy's ("<i2"), `sizes` outermost first, none for a single element.
std::string header(const std::string& type, const std::vector<std::int64_t>& sizes);
std::string header(const ExportTensor& tensor);

struct Bytes {
    const void* data;
    std::size_t size;
};

/// The elements, little-endian, as they lie in memory.
Bytes bytes_of(const ExportTensor& tensor);

}  // namespace dfp16::npy
