// HDF5 files that are well formed and hold the wrong things: an input is a list of edits of a good file.
#pragma once

#include <string>

#include "reference/files/hdf5.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/input_file.h"

namespace dfp16::fuzz {

/// Puts a string attribute in the place of another, or of none.
void replace_string(hid_t object, const std::string& name, const std::string& value);

/// Edits through the HDF5 API until the choices are used up or say that it is enough: attributes, links and datasets
/// are removed, renamed, linked elsewhere, or replaced by others of any type, shape and layout. What HDF5 refuses is
/// left.
void edit(const InputFile& file, Choices& choices);

/// Changes bytes of the file itself: three of offset, one to xor, for as long as there are choices.
void flip_bytes(InputFile& file, Choices& choices);

}  // namespace dfp16::fuzz
