#include "tests/fuzz/hdf5_edits.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sim/types/error.h"

namespace dfp16::fuzz {

namespace {

using hdf5::Handle;

constexpr int kMostEdits = 8;
constexpr std::size_t kMostElements = 4096;  // that an edit writes

Handle handle(hid_t id, Handle::Closer closer) {
    return {id, closer, "edit"};
}

std::vector<std::string> objects_of(hid_t file) {
    std::vector<std::string> paths;
    const auto note = [](hid_t, const char* name, const H5O_info_t*, void* into) -> herr_t {
        static_cast<std::vector<std::string>*>(into)->emplace_back(name);
        return 0;
    };
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, note, &paths);
    return paths;
}

std::vector<std::string> attributes_of(hid_t object) {
    std::vector<std::string> names;
    const auto note = [](hid_t, const char* name, const H5A_info_t*, void* into) -> herr_t {
        static_cast<std::vector<std::string>*>(into)->emplace_back(name);
        return 0;
    };
    hsize_t first = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &first, note, &names);
    return names;
}

/// One of them, or another name.
std::string name_from(const std::vector<std::string>& names, Choices& choices) {
    const std::size_t i = choices.byte();
    if (i >= 128 || names.empty()) return choices.text();
    return names[i % names.size()];
}

std::string object_from(hid_t file, Choices& choices) {
    const std::vector<std::string> objects = objects_of(file);
    return objects.empty() ? "/" : objects[choices.byte() % objects.size()];
}

Handle type_from(Choices& choices) {
    const std::array<hid_t, 20> types = {
        H5T_STD_I16LE, H5T_STD_I32LE, H5T_IEEE_F32LE,  H5T_STD_I64LE,  H5T_STD_U64LE, H5T_STD_I8LE,      H5T_STD_U8LE,
        H5T_STD_I16BE, H5T_STD_I32BE, H5T_IEEE_F32BE,  H5T_STD_U16LE,  H5T_STD_U32LE, H5T_STD_I64BE,     H5T_IEEE_F64LE,
        H5T_STD_B16LE, H5T_C_S1,      H5T_STD_REF_OBJ, H5T_UNIX_D32LE, H5T_STD_B8LE,  H5T_NATIVE_LDOUBLE};
    Handle type = handle(H5Tcopy(types[choices.byte() % types.size()]), H5Tclose);
    const std::uint8_t change = choices.byte();
    if (change == 1) H5Tset_precision(type, choices.byte());
    if (change == 2) H5Tset_offset(type, choices.byte());
    if (change == 3) H5Tset_size(type, choices.word(2));
    if (change == 4) return handle(H5Tenum_create(type), H5Tclose);
    if (change == 5) return handle(H5Tvlen_create(type), H5Tclose);
    return type;
}

/// Mostly small; sizes up to 2^40.
Handle space_from(Choices& choices) {
    const std::uint8_t kind = choices.byte();
    if (kind == 255) return handle(H5Screate(H5S_NULL), H5Sclose);
    if (kind == 254) return handle(H5Screate(H5S_SCALAR), H5Sclose);
    std::array<hsize_t, 6> sizes{};
    for (hsize_t& size : sizes) size = hsize_t{choices.byte()} << (choices.byte() % 33);
    return handle(H5Screate_simple(kind % 7, sizes.data(), nullptr), H5Sclose);
}

Handle creation_from(Choices& choices) {
    Handle creation = handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const std::uint8_t layout = choices.byte() % 5;
    if (layout == 1) H5Pset_layout(creation, H5D_COMPACT);
    if (layout == 2) H5Pset_external(creation, "/nowhere/elsewhere", 0, H5F_UNLIMITED);
    if (layout >= 3) {
        std::array<hsize_t, 6> chunk{};
        const int rank = static_cast<int>(choices.pick(1, 6));
        for (hsize_t& size : chunk) size = hsize_t{choices.byte()} << (choices.byte() % 25);
        H5Pset_chunk(creation, rank, chunk.data());
        const std::uint8_t filters = choices.byte();
        if ((filters & 1) != 0) H5Pset_shuffle(creation);
        if ((filters & 2) != 0) H5Pset_deflate(creation, 1);
        if ((filters & 4) != 0) H5Pset_fletcher32(creation);
        if ((filters & 8) != 0) H5Pset_nbit(creation);
        if ((filters & 16) != 0) H5Pset_scaleoffset(creation, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
    }
    return creation;
}

/// Elements in the file's own type, of chosen bytes; large ones and those of no fixed size stay as they are.
void write_elements(hid_t dataset, Choices& choices) {
    const Handle type = handle(H5Dget_type(dataset), H5Tclose);
    const Handle space = handle(H5Dget_space(dataset), H5Sclose);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const std::size_t size = H5Tget_size(type);
    if (count <= 0 || static_cast<std::size_t>(count) > kMostElements || size > 64) return;
    const H5T_class_t kind = H5Tget_class(type);
    if (kind != H5T_INTEGER && kind != H5T_FLOAT) return;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * size);
    H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
    for (std::uint8_t changes = choices.byte() % 16; changes > 0; --changes) {
        bytes[choices.word(2) % bytes.size()] = choices.byte();
    }
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
}

void add_dataset(hid_t file, const std::string& path, Choices& choices) {
    const Handle type = type_from(choices);
    const Handle space = space_from(choices);
    const Handle creation = creation_from(choices);
    const Handle dataset =
        handle(H5Dcreate2(file, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose);
    if (choices.flag()) hdf5::write_integer(dataset, "exponent", static_cast<std::int8_t>(choices.byte()));
    if (choices.flag()) write_elements(dataset, choices);
}

void add_attribute(hid_t object, const std::string& name, Choices& choices) {
    const Handle type = type_from(choices);
    const Handle space = space_from(choices);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const std::size_t size = H5Tget_size(type);
    if (count < 0 || size > 4096 || static_cast<std::size_t>(count) > kMostElements / size) return;
    const Handle attribute = handle(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (H5Tget_class(type) != H5T_INTEGER && H5Tget_class(type) != H5T_FLOAT) return;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * size);
    for (std::uint8_t& byte : bytes) byte = choices.byte();
    H5Awrite(attribute, type, bytes.data());
}

void write_variable_string(hid_t object, const std::string& name, const std::string& value, bool utf8) {
    const Handle type = handle(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, H5T_VARIABLE);
    if (utf8) H5Tset_cset(type, H5T_CSET_UTF8);
    const Handle space = handle(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle attribute = handle(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const char* text = value.c_str();
    H5Awrite(attribute, type, &text);
}

std::string string_of(hid_t object, const std::string& name) {
    try {
        return hdf5::read_string(object, name, "");
    } catch (const InputError&) {
        return "";
    }
}

/// The old text with some of its bytes replaced by others.
std::string changed(std::string text, Choices& choices) {
    const std::size_t at = std::min<std::size_t>(choices.word(2), text.size());
    const std::size_t length = choices.byte();
    return text.replace(at, length, choices.text());
}

void edit_attribute(hid_t file, Choices& choices) {
    const Handle object = handle(H5Oopen(file, object_from(file, choices).c_str(), H5P_DEFAULT), H5Oclose);
    const std::string name = name_from(attributes_of(object), choices);
    const std::string old = string_of(object, name);
    H5Adelete(object, name.c_str());
    switch (choices.byte() % 7) {
        case 0: return;
        case 1: return hdf5::write_integer(object, name, static_cast<std::int64_t>(choices.word(8)));
        case 2: return hdf5::write_string(object, name, choices.text());
        case 3: return hdf5::write_string(object, name, changed(old, choices));
        case 4: return write_variable_string(object, name, changed(old, choices), false);
        case 5: return write_variable_string(object, name, changed(old, choices), true);
        default: return add_attribute(object, name, choices);
    }
}

void edit_link(hid_t file, Choices& choices) {
    const std::string path = object_from(file, choices);
    const std::size_t slash = path.rfind('/');
    const std::string beside = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + choices.text();
    switch (choices.byte() % 8) {
        case 0: H5Ldelete(file, path.c_str(), H5P_DEFAULT); return;
        case 1: H5Lmove(file, path.c_str(), file, beside.c_str(), H5P_DEFAULT, H5P_DEFAULT); return;
        case 2: hdf5::create_group(file, beside); return;
        case 3: H5Lcreate_soft(path.c_str(), file, beside.c_str(), H5P_DEFAULT, H5P_DEFAULT); return;
        case 4: H5Lcreate_external("other.h5", "/", file, beside.c_str(), H5P_DEFAULT, H5P_DEFAULT); return;
        case 5:
            H5Lcreate_hard(file, object_from(file, choices).c_str(), file, beside.c_str(), H5P_DEFAULT, H5P_DEFAULT);
            return;
        case 6:
            H5Ldelete(file, path.c_str(), H5P_DEFAULT);
            H5Lcreate_hard(file, object_from(file, choices).c_str(), file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
            return;
        default: add_dataset(file, beside, choices);
    }
}

void edit_dataset(hid_t file, Choices& choices) {
    const std::string path = object_from(file, choices);
    if (choices.flag()) {
        const Handle dataset = handle(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
        write_elements(dataset, choices);
        return;
    }
    H5Ldelete(file, path.c_str(), H5P_DEFAULT);
    add_dataset(file, path, choices);
}

}  // namespace

void replace_string(hid_t object, const std::string& name, const std::string& value) {
    H5Adelete(object, name.c_str());
    hdf5::write_string(object, name, value);
}

void edit(const InputFile& file, Choices& choices) {
    hdf5::silence();
    const Handle opened = handle(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    for (int i = 0; i < kMostEdits && !choices.done(); ++i) {
        try {
            switch (choices.byte() % 8) {
                case 0: return;
                case 1: edit_link(opened, choices); break;
                case 2:
                case 3: edit_dataset(opened, choices); break;
                default: edit_attribute(opened, choices); break;
            }
        } catch (const InputError&) {  // HDF5 does not make it
        }
    }
}

void flip_bytes(InputFile& file, Choices& choices) {
    std::string content = file.content();
    while (!choices.done() && !content.empty()) {
        char& byte = content[choices.word(3) % content.size()];
        byte = static_cast<char>(byte ^ static_cast<char>(choices.byte()));
    }
    file.set({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
}

}  // namespace dfp16::fuzz
