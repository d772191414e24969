#include <algorithm>
#include <array>

#include "vectors/hdf5_tensor.h"

namespace dfp16::hdf5 {

namespace {

hid_t file_type(ElementType type) {
    switch (type) {
        case ElementType::mantissa: return H5T_STD_I16LE;
        case ElementType::fp32: return H5T_IEEE_F32LE;
        default: return H5T_STD_I32LE;
    }
}

/// One chunk up to 2^18 elements; larger tensors are cut along their outer dimensions.
std::array<hsize_t, 4> chunk_of(const Shape& shape) {
    constexpr hsize_t kLargest = hsize_t{1} << 18;
    std::array<hsize_t, 4> chunk{};
    hsize_t inner = 1;
    for (std::size_t i = shape.rank(); i-- > 0;) {
        chunk[i] = std::min<hsize_t>(static_cast<hsize_t>(shape[i]), std::max<hsize_t>(1, kLargest / inner));
        inner *= chunk[i];
    }
    return chunk;
}

}  // namespace

void write_tensor(hid_t group, const Operand& operand, const HostTensor& tensor) {
    const int rank = static_cast<int>(tensor.shape.rank());
    std::array<hsize_t, 4> sizes{};
    for (std::size_t i = 0; i < tensor.shape.rank(); ++i) sizes[i] = static_cast<hsize_t>(tensor.shape[i]);
    const std::array<hsize_t, 4> chunk = chunk_of(tensor.shape);
    const Handle space(H5Screate_simple(rank, sizes.data(), nullptr), H5Sclose, kFailure);
    const Handle creation = without_times(H5P_DATASET_CREATE);
    check(H5Pset_chunk(creation, rank, chunk.data()), kFailure);
    check(H5Pset_shuffle(creation), kFailure);
    check(H5Pset_deflate(creation, 6), kFailure);
    const hid_t type = file_type(tensor.type());
    const Handle dataset(H5Dcreate2(group, operand.name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                         H5Dclose, kFailure);
    std::visit(
        [&](const auto& elements) {
            check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()), kFailure);
        },
        tensor.data);
    if (operand.scaled) write_integer(dataset, "exponent", tensor.exponent.value);
}

}  // namespace dfp16::hdf5
