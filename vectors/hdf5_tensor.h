// Tensors in HDF5 files. Reading is in two halves: what needs HDF5, whose calls exclude each other, and what does not
// and may run in as many threads as there are.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reference/files/hdf5.h"
#include "reference/interface/host_tensor.h"
#include "vectors/operands.h"

namespace dfp16::hdf5 {

/// Chunked, shuffled, deflated, with the attribute `exponent` if scaled.
void write_tensor(hid_t group, const Operand& operand, const HostTensor& tensor);

/// The sizes of a chunk, or where it begins, in elements.
using ChunkCoordinates = std::array<hsize_t, 4>;

struct StoredChunk {
    ChunkCoordinates begin{};
    bool deflated = true;  ///< HDF5 leaves out a filter that gains nothing
    bool shuffled = true;
    std::vector<std::byte> bytes;
};

/// A tensor as its file has it.
struct StoredTensor {
    ElementType type = ElementType::mantissa;
    Shape shape{};
    Exponent exponent{};
    std::string place{};  ///< what messages about it begin with
    ChunkCoordinates chunk{};
    std::vector<StoredChunk> chunks{};
    std::optional<HostTensor> ready{};  ///< read by HDF5: it is stored in another form than write_tensor's
};

/// Type, shape, exponent and stored size are checked against the operand before anything is allocated. Throws
/// InputError.
StoredTensor fetch_tensor(hid_t group, const Operand& operand, const std::string& place);
/// Calls nothing of HDF5. Throws InputError for damage.
HostTensor inflate_tensor(StoredTensor stored);

}  // namespace dfp16::hdf5
