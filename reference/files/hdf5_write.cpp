#include <algorithm>

#include "reference/files/hdf5.h"

namespace dfp16::hdf5 {

Handle without_times(hid_t list_class) {
    Handle list(H5Pcreate(list_class), H5Pclose, kFailure);
    check(H5Pset_obj_track_times(list, false), kFailure);
    return list;
}

namespace {

void write_scalar(hid_t object, const std::string& name, hid_t stored, hid_t memory, const void* value) {
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, kFailure);
    const Handle attribute(H5Acreate2(object, name.c_str(), stored, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                           kFailure);
    check(H5Awrite(attribute, memory, value), kFailure);
}

}  // namespace

Handle create_file(const std::string& path) {
    silence();
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, kFailure);
    check(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), kFailure);
    const Handle creation = without_times(H5P_FILE_CREATE);
    return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose, kFailure};
}

Handle create_group(hid_t parent, const std::string& name) {
    const Handle creation = without_times(H5P_GROUP_CREATE);
    return {H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, creation, H5P_DEFAULT), H5Gclose, kFailure};
}

void write_string(hid_t object, const std::string& name, const std::string& value) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, kFailure);
    check(H5Tset_size(type, std::max<std::size_t>(1, value.size())), kFailure);
    check(H5Tset_strpad(type, H5T_STR_NULLPAD), kFailure);
    check(H5Tset_cset(type, H5T_CSET_UTF8), kFailure);
    write_scalar(object, name, type, type, value.c_str());
}

void write_integer(hid_t object, const std::string& name, std::int64_t value) {
    write_scalar(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void write_unsigned(hid_t object, const std::string& name, std::uint64_t value) {
    write_scalar(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

}  // namespace dfp16::hdf5
