// Plain one-dimensional arrays in HDF5 files, contiguous and unfiltered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/files/hdf5.h"

namespace dfp16::hdf5 {

/// Element: std::uint8_t, std::int32_t, std::uint32_t, std::uint64_t or float; stored little-endian. Throws InputError.
template <typename Element>
void write_array(hid_t group, const std::string& name, const std::vector<Element>& elements);

/// Type, rank and stored size are checked before anything is allocated. Throws InputError.
template <typename Element>
std::vector<Element> read_array(hid_t group, const std::string& name, const std::string& place);

}  // namespace dfp16::hdf5
