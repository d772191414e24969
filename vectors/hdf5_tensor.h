// Tensors in HDF5 files.
#pragma once

#include <string>

#include "reference/files/hdf5.h"
#include "reference/interface/host_tensor.h"
#include "vectors/operands.h"

namespace dfp16::hdf5 {

/// Chunked, shuffled, deflated, with the attribute `exponent` if scaled.
void write_tensor(hid_t group, const Operand& operand, const HostTensor& tensor);
/// Type, shape, exponent and stored size are checked against the operand before anything is allocated.
HostTensor read_tensor(hid_t group, const Operand& operand, const std::string& place);

}  // namespace dfp16::hdf5
