#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "sim/types/error.h"
#include "vectors/hdf5_tensor.h"

namespace dfp16::hdf5 {

namespace {

// Deflate never makes data more than 1032 times smaller: what claims more was never stored.
constexpr std::uint64_t kLargestRatio = 1040;

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

HostTensor read_by_hdf5(hid_t dataset, const Operand& operand, const std::string& place) {
    HostTensor tensor(operand.type, operand.shape);
    const hid_t memory = operand.type == ElementType::mantissa ? H5T_NATIVE_INT16
                         : operand.type == ElementType::fp32   ? H5T_NATIVE_FLOAT
                                                               : H5T_NATIVE_INT32;
    std::visit(
        [&](auto& elements) {
            check(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()), place + ": damaged data");
        },
        tensor.data);
    return tensor;
}

/// Whether the dataset has write_tensor's form: little-endian, chunks, shuffled and deflated. Its chunk goes to
/// `stored`.
bool has_own_form(hid_t dataset, StoredTensor& stored) {
    const Handle type(H5Dget_type(dataset), H5Tclose, stored.place);
    if (H5Tget_order(type) != H5T_ORDER_LE || std::endian::native != std::endian::little) return false;
    const Handle creation(H5Dget_create_plist(dataset), H5Pclose, stored.place);
    if (H5Pget_layout(creation) != H5D_CHUNKED || H5Pget_nfilters(creation) != 2) return false;
    const auto filter = [&](unsigned i) {
        unsigned flags = 0, config = 0;
        std::size_t values = 0;
        return H5Pget_filter2(creation, i, &flags, &values, nullptr, 0, nullptr, &config);
    };
    if (filter(0) != H5Z_FILTER_SHUFFLE || filter(1) != H5Z_FILTER_DEFLATE) return false;
    const auto rank = static_cast<int>(stored.shape.rank());
    return H5Pget_chunk(creation, rank, stored.chunk.data()) == rank;
}

/// False if the chunk was never written, which HDF5 reads as its fill value.
bool fetch_chunk(hid_t dataset, const ChunkCoordinates& begin, StoredTensor& stored) {
    hsize_t size = 0;
    if (H5Dget_chunk_storage_size(dataset, begin.data(), &size) < 0 || size == 0) return false;
    StoredChunk chunk;
    chunk.begin = begin;
    chunk.bytes.resize(size);
    std::uint32_t left_out = 0;  // a bit for each filter
    check(H5Dread_chunk(dataset, H5P_DEFAULT, begin.data(), &left_out, chunk.bytes.data()),
          stored.place + ": damaged data");
    chunk.shuffled = (left_out & 1u) == 0;
    chunk.deflated = (left_out & 2u) == 0;
    stored.chunks.push_back(std::move(chunk));
    return true;
}

/// All chunks; false if one was never written.
bool fetch_chunks(hid_t dataset, StoredTensor& stored) {
    const std::size_t rank = stored.shape.rank();
    ChunkCoordinates begin{};
    while (true) {
        if (!fetch_chunk(dataset, begin, stored)) return false;
        std::size_t d = rank;
        while (d > 0) {
            begin[d - 1] += stored.chunk[d - 1];
            if (begin[d - 1] < static_cast<hsize_t>(stored.shape[d - 1])) break;
            begin[--d] = 0;
        }
        if (d == 0) return true;
    }
}

}  // namespace

StoredTensor fetch_tensor(hid_t group, const Operand& operand, const std::string& place) {
    const Handle dataset = open_dataset(group, operand.name, place);
    StoredTensor stored{.type = operand.type, .shape = operand.shape, .place = place + "/" + operand.name};
    check_type(dataset, operand, stored.place);
    check_shape(dataset, operand, stored.place);
    check_storage(dataset, operand, stored.place);
    if (operand.scaled) stored.exponent = read_exponent(dataset, operand, stored.place);
    if (!has_own_form(dataset, stored) || !fetch_chunks(dataset, stored)) {
        stored.ready = read_by_hdf5(dataset, operand, stored.place);
        stored.ready->exponent = stored.exponent;
    }
    return stored;
}

}  // namespace dfp16::hdf5
