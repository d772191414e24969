// The JSON header of a checkpoint file.
#pragma once

#include <string>

#include "reference/checkpoint.h"

namespace dfp16 {

/// Binary64 numbers as hexadecimal text: exact, whatever reads them.
std::string header_of(const Checkpoint& checkpoint);
/// Throws DamagedCheckpoint, without naming the file.
Checkpoint parse_header(const std::string& header);

}  // namespace dfp16
