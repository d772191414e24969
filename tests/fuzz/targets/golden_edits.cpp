// Golden files that HDF5 finds well formed: edits of good ones. A byte for the suite, a byte of flags (1: correct the
// digests afterwards; 2: then change bytes of the file), edits.
#include "tests/fuzz/golden_input.h"
#include "tests/fuzz/hdf5_edits.h"
#include "tests/fuzz/helpers.h"
#include "vectors/golden_file.h"

namespace dfp16::fuzz {

namespace {

/// Takes a case at its word: its digest becomes that of what it now holds.
void correct_digests(const InputFile& file) {
    const std::string before = ": damaged: digest is ";
    for (const std::string& error : read_all(file.path())) {
        const std::size_t at = error.find(before);
        if (at == std::string::npos) continue;
        const std::string group = "/cases/" + error.substr(at - 6, 6);
        const hdf5::Handle opened(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "open");
        const hdf5::Handle found(H5Gopen2(opened, group.c_str(), H5P_DEFAULT), H5Gclose, group);
        replace_string(found, "digest", error.substr(at + before.size(), 32));
    }
    for (const std::string& error : read_all(file.path())) {
        require(error.find(before) == std::string::npos, "the digest is not that of the content: " + error);
    }
}

}  // namespace

void golden_edits(Bytes bytes) {
    Choices choices(bytes);
    const std::string& good = good_golden_files()[choices.byte() % good_golden_files().size()];
    const std::uint8_t flags = choices.byte();
    InputFile file({reinterpret_cast<const std::uint8_t*>(good.data()), good.size()});
    edit(file, choices);
    if ((flags & 1) != 0) correct_digests(file);
    if ((flags & 2) != 0) flip_bytes(file, choices);
    read_all(file.path());
}

}  // namespace dfp16::fuzz
