#include "reference/files/hdf5_array.h"

#include <type_traits>

#include "sim/types/error.h"

namespace dfp16::hdf5 {

namespace {

template <typename Element>
hid_t file_type() {
    if constexpr (std::is_same_v<Element, std::uint8_t>) return H5T_STD_U8LE;
    if constexpr (std::is_same_v<Element, std::int32_t>) return H5T_STD_I32LE;
    if constexpr (std::is_same_v<Element, std::uint32_t>) return H5T_STD_U32LE;
    if constexpr (std::is_same_v<Element, std::uint64_t>) return H5T_STD_U64LE;
    if constexpr (std::is_same_v<Element, float>) return H5T_IEEE_F32LE;
}

}  // namespace

template <typename Element>
void write_array(hid_t group, const std::string& name, const std::vector<Element>& elements) {
    const hsize_t size = elements.size();
    const hid_t type = file_type<Element>();
    const Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose, kFailure);
    const Handle creation = without_times(H5P_DATASET_CREATE);
    const Handle dataset(H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose,
                         kFailure);
    check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()), kFailure);
}

template <typename Element>
std::vector<Element> read_array(hid_t group, const std::string& name, const std::string& place) {
    const Handle dataset = open_dataset(group, name, place);
    const std::string here = place + "/" + name;
    const Handle type(H5Dget_type(dataset), H5Tclose, here);
    if (H5Tequal(type, file_type<Element>()) <= 0) {
        throw InputError(here + ": type is " + text_of(describe(type)) + ", expected " +
                         text_of(describe(file_type<Element>())) + " (little-endian)");
    }
    const Handle space(H5Dget_space(dataset), H5Sclose, here);
    const Handle creation(H5Dget_create_plist(dataset), H5Pclose, here);
    hsize_t size = 0;
    if (H5Sget_simple_extent_ndims(space) != 1) throw InputError(here + ": expected one dimension");
    H5Sget_simple_extent_dims(space, &size, nullptr);
    if (H5Pget_layout(creation) != H5D_CONTIGUOUS || H5Pget_external_count(creation) != 0 ||
        stored_bytes(dataset, here) / sizeof(Element) != size) {
        throw InputError(here + ": expected contiguous data in this file");
    }
    std::vector<Element> elements(size);
    check(H5Dread(dataset, file_type<Element>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()),
          here + ": damaged data");
    return elements;
}

#define DFP16_ARRAYS_OF(Element)                                                       \
    template void write_array(hid_t, const std::string&, const std::vector<Element>&); \
    template std::vector<Element> read_array<Element>(hid_t, const std::string&, const std::string&);
DFP16_ARRAYS_OF(std::uint8_t)
DFP16_ARRAYS_OF(std::int32_t)
DFP16_ARRAYS_OF(std::uint32_t)
DFP16_ARRAYS_OF(std::uint64_t)
DFP16_ARRAYS_OF(float)
#undef DFP16_ARRAYS_OF

}  // namespace dfp16::hdf5
