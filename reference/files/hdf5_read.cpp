#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "reference/files/hdf5.h"
#include "sim/types/error.h"

namespace dfp16::hdf5 {

namespace {

constexpr std::size_t kLongestString = std::size_t{1} << 16;

/// HDF5's own reason: the description of the innermost error.
std::string reason() {
    std::string text;
    const auto note = [](unsigned n, const H5E_error2_t* error, void* into) -> herr_t {
        if (n == 0 && error->desc != nullptr) *static_cast<std::string*>(into) = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note, &text);
    return text.empty() ? "" : " (" + text + ")";
}

bool is_scalar(hid_t space) {
    return H5Sget_simple_extent_npoints(space) == 1;
}

Handle open_attribute(hid_t object, const std::string& name, const std::string& place) {
    if (H5Aexists(object, name.c_str()) <= 0) throw InputError(place + ": attribute '" + name + "' is missing");
    return {H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, place + ": cannot read attribute '" + name + "'"};
}

/// An attribute that holds one integer.
Handle open_integer(hid_t object, const std::string& name, const std::string& place) {
    Handle attribute = open_attribute(object, name, place);
    const std::string message = place + ": attribute '" + name + "'";
    const Handle type(H5Aget_type(attribute), H5Tclose, message);
    const Handle space(H5Aget_space(attribute), H5Sclose, message);
    const TypeDescription found = describe(type);
    if (found.type_class != H5T_INTEGER || found.size > 8 || !is_scalar(space)) {
        throw InputError(message + " is " + text_of(found) + (is_scalar(space) ? "" : " array") +
                         ", expected one integer");
    }
    return attribute;
}

std::string read_variable_string(hid_t attribute, const std::string& message) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, message);
    check(H5Tset_size(type, H5T_VARIABLE), message);
    check(H5Tset_cset(type, H5T_CSET_UTF8), message);
    char* text = nullptr;
    herr_t status = H5Aread(attribute, type, &text);
    if (status < 0) {  // HDF5 does not convert between character sets
        H5Tset_cset(type, H5T_CSET_ASCII);
        status = H5Aread(attribute, type, &text);
    }
    check(status, message);
    const std::unique_ptr<char, herr_t (*)(void*)> owner(text, H5free_memory);
    return text == nullptr ? "" : text;
}

std::string read_fixed_string(hid_t attribute, hid_t type, std::size_t size, const std::string& message) {
    if (size > kLongestString) {
        throw InputError(message + ": string of " + std::to_string(size) + " bytes, expected at most " +
                         std::to_string(kLongestString));
    }
    std::string text(size, '\0');
    check(H5Aread(attribute, type, text.data()), message);
    return text.substr(0, text.find('\0'));
}

}  // namespace

TypeDescription describe(hid_t type) {
    const H5T_class_t type_class = H5Tget_class(type);
    return {type_class, H5Tget_size(type), type_class == H5T_INTEGER ? H5Tget_sign(type) : H5T_SGN_ERROR};
}

std::string text_of(const TypeDescription& type) {
    const std::string bits = std::to_string(type.size * 8);
    switch (type.type_class) {
        case H5T_INTEGER: return (type.sign == H5T_SGN_NONE ? "uint" : "int") + bits;
        case H5T_FLOAT: return "fp" + bits;
        case H5T_STRING: return "a string";
        default: return "an HDF5 type of class " + std::to_string(type.type_class);
    }
}

Handle::Handle(hid_t id, Closer closer, const std::string& message) : id_(id), closer_(closer) {
    if (id_ < 0) throw InputError(message + reason());
}

void silence() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void check(herr_t status, const std::string& message) {
    if (status < 0) throw InputError(message + reason());
}

Handle open_file(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0) {
        throw InputError("cannot read " + path + ": " + std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) throw InputError("cannot read " + path + ": not a regular file");
    if (H5Fis_hdf5(path.c_str()) <= 0) throw InputError(path + ": not an HDF5 file");
    return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path + ": truncated or damaged HDF5 file"};
}

Handle open_group(hid_t parent, const std::string& name, const std::string& place) {
    H5L_info_t link{};
    if (H5Lexists(parent, name.c_str(), H5P_DEFAULT) <= 0 ||
        H5Lget_info(parent, name.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) {
        throw InputError(place + ": group '" + name + "' is missing");
    }
    return {H5Gopen2(parent, name.c_str(), H5P_DEFAULT), H5Gclose, place + ": cannot read group '" + name + "'"};
}

Handle open_dataset(hid_t group, const std::string& name, const std::string& place) {
    H5L_info_t link{};
    if (H5Lexists(group, name.c_str(), H5P_DEFAULT) <= 0 || H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0 ||
        link.type != H5L_TYPE_HARD) {
        throw InputError(place + ": dataset '" + name + "' is missing");
    }
    return {H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose, place + "/" + name + ": cannot read the dataset"};
}

std::vector<std::string> names_in(hid_t group, const std::string& place) {
    std::vector<std::string> names;
    const auto note = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
        static_cast<std::vector<std::string>*>(into)->emplace_back(name);
        return 0;
    };
    check(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names), place + ": cannot list its groups");
    return names;
}

std::string read_string(hid_t object, const std::string& name, const std::string& place) {
    const Handle attribute = open_attribute(object, name, place);
    const std::string message = place + ": attribute '" + name + "'";
    const Handle type(H5Aget_type(attribute), H5Tclose, message);
    const Handle space(H5Aget_space(attribute), H5Sclose, message);
    const TypeDescription found = describe(type);
    if (found.type_class != H5T_STRING || !is_scalar(space)) {
        throw InputError(message + " is " + text_of(found) + ", expected one string");
    }
    return H5Tis_variable_str(type) > 0 ? read_variable_string(attribute, message)
                                        : read_fixed_string(attribute, type, found.size, message);
}

std::int64_t read_integer(hid_t object, const std::string& name, const std::string& place, std::int64_t least,
                          std::int64_t most) {
    const Handle attribute = open_integer(object, name, place);
    std::int64_t value = 0;
    check(H5Aread(attribute, H5T_NATIVE_INT64, &value), place + ": attribute '" + name + "'");
    if (value < least || value > most) {
        throw InputError(place + ": attribute '" + name + "' is " + std::to_string(value) + ", expected " +
                         (least == most ? "" : std::to_string(least) + " to ") + std::to_string(most));
    }
    return value;
}

std::uint64_t read_unsigned(hid_t object, const std::string& name, const std::string& place) {
    const Handle attribute = open_integer(object, name, place);
    std::uint64_t value = 0;
    check(H5Aread(attribute, H5T_NATIVE_UINT64, &value), place + ": attribute '" + name + "'");
    return value;
}

std::uint64_t stored_bytes(hid_t dataset, const std::string& place) {
    const Handle file(H5Iget_file_id(dataset), H5Fclose, place);
    hsize_t size = 0;
    check(H5Fget_filesize(file, &size), place);
    const std::uint64_t stored = H5Dget_storage_size(dataset);
    if (stored > size) {
        throw InputError(place + ": damaged: " + std::to_string(stored) + " bytes stored, expected at most the " +
                         std::to_string(size) + " of the file");
    }
    return stored;
}

}  // namespace dfp16::hdf5
