#include "vectors/hdf5_tensor.h"

#include <algorithm>
#include <array>

#include "sim/types/error.h"

namespace dfp16::hdf5 {

namespace {

// Deflate never makes data more than 1032 times smaller: what claims more was never stored.
constexpr std::uint64_t kLargestRatio = 1040;

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

void check_type(hid_t dataset, const Operand& operand, const std::string& place) {
    const Handle type(H5Dget_type(dataset), H5Tclose, place);
    const TypeDescription found = describe(type);
    const bool real = operand.type == ElementType::fp32;
    const TypeDescription expected = {real ? H5T_FLOAT : H5T_INTEGER, operand.type == ElementType::mantissa ? 2u : 4u,
                                      H5T_SGN_2};
    const bool layout = real ? H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0
                             : found.sign == expected.sign && H5Tget_precision(type) == expected.size * 8;
    if (found.type_class != expected.type_class || found.size != expected.size || !layout) {
        throw InputError(place + ": type is " + text_of(found) + ", expected " + text_of(expected));
    }
}

void check_shape(hid_t dataset, const Operand& operand, const std::string& place) {
    const Handle space(H5Dget_space(dataset), H5Sclose, place);
    const int rank = H5Sget_simple_extent_ndims(space);
    std::array<hsize_t, H5S_MAX_RANK> sizes{};
    if (rank > 0) H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    std::string found = rank > 0 ? "" : "no dimensions";
    bool equal = rank == static_cast<int>(operand.shape.rank());
    for (int i = 0; i < rank; ++i) {
        const auto d = static_cast<std::size_t>(i);
        found += (i > 0 ? "x" : "") + std::to_string(sizes[d]);
        equal = equal && sizes[d] == static_cast<hsize_t>(operand.shape[d]);
    }
    if (!equal) throw InputError(place + ": shape is " + found + ", expected " + operand.shape.text());
}

/// The data lie in this file, in chunks no larger than sensible, and are not smaller than any compression could make
/// them.
void check_storage(hid_t dataset, const Operand& operand, const std::string& place) {
    const Handle creation(H5Dget_create_plist(dataset), H5Pclose, place);
    const H5D_layout_t layout = H5Pget_layout(creation);
    if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) != 0) {
        throw InputError(place + ": data lie in another file, expected them in this one");
    }
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(operand.shape.elements()) * (operand.type == ElementType::mantissa ? 2u : 4u);
    const std::uint64_t stored = stored_bytes(dataset, place);
    if (stored < (bytes + kLargestRatio - 1) / kLargestRatio) {
        throw InputError(place + ": " + std::to_string(stored) + " bytes stored, expected the data of " +
                         std::to_string(bytes) + " bytes");
    }
    if (layout != H5D_CHUNKED) return;
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(creation, H5S_MAX_RANK, chunk.data());
    std::uint64_t elements = 1;
    for (int i = 0; i < rank; ++i) elements *= chunk[static_cast<std::size_t>(i)];  // HDF5 keeps chunks below 4 GiB
    if (elements > 2 * static_cast<std::uint64_t>(operand.shape.elements()) + (1u << 20)) {
        throw InputError(place + ": chunks of " + std::to_string(elements) +
                         " elements, expected at most those of shape " + operand.shape.text());
    }
}

Exponent read_exponent(hid_t dataset, const Operand& operand, const std::string& place) {
    const bool product = operand.type == ElementType::accumulator;  // the sum of two exponents
    const int factor = product ? 2 : 1;
    return {static_cast<int>(
        read_integer(dataset, "exponent", place, factor * kExponentMin, factor * (kExponentMax + kHeadroomMax)))};
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

HostTensor read_tensor(hid_t group, const Operand& operand, const std::string& place) {
    const Handle dataset = open_dataset(group, operand.name, place);
    const std::string here = place + "/" + operand.name;
    check_type(dataset, operand, here);
    check_shape(dataset, operand, here);
    check_storage(dataset, operand, here);
    HostTensor tensor(operand.type, operand.shape);
    if (operand.scaled) tensor.exponent = read_exponent(dataset, operand, here);
    const hid_t memory = operand.type == ElementType::mantissa ? H5T_NATIVE_INT16
                         : operand.type == ElementType::fp32   ? H5T_NATIVE_FLOAT
                                                               : H5T_NATIVE_INT32;
    std::visit(
        [&](auto& elements) {
            check(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()), here + ": damaged data");
        },
        tensor.data);
    return tensor;
}

}  // namespace dfp16::hdf5
