#pragma once

#include <string>

#include "reference/data/data_source.h"

namespace dfp16 {

/// XXH3-128, 32 hexadecimal digits, over sizes, normalization, pixels (of packed images their digests) and labels of
/// both sets: what training sees of them.
std::string digest_of(const DataSource& data);

}  // namespace dfp16
