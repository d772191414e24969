// Packed image files: a byte of flags (1: any bytes follow; 2: correct the digest after the edits; 4: then change bytes
// of the file), edits of a good file.
#include "reference/data/packed_images.h"

#include "reference/data/packed_writer.h"
#include "tests/fuzz/hdf5_edits.h"
#include "tests/fuzz/helpers.h"
#include "tests/vectors_helpers.h"

namespace dfp16::fuzz {

namespace {

std::string make_good_file() {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("good.h5");
    PackedWriter writer(path);
    for (const char* set : {"train", "test"}) {
        writer.begin(set, 1000);
        for (std::int64_t size = 1; size <= 3; ++size) {
            const Image image{size, 4, std::vector<std::uint8_t>(static_cast<std::size_t>(size * 12), 77)};
            writer.add({encode_jpeg(image, 50), size, 4, static_cast<std::int32_t>(size % 2), std::to_string(size)});
        }
    }
    writer.commit({{"ant", "bee"}, {{0.5f, 0.25f}, {0.5f, 0.25f}, {0.5f, 0.25f}}});
    return test::bytes_of(path);
}

void correct_digest(const InputFile& file) {
    const hdf5::Handle opened(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "open");
    Hasher hasher;
    PackedHeader::read(opened, "file").hash(hasher);
    for (const char* set : {"train", "test"}) {
        if (H5Lexists(opened, set, H5P_DEFAULT) <= 0) continue;
        const hdf5::Handle group = hdf5::open_group(opened, set, "file");
        ImageIndex::read(group, set).hash(hasher, set);
    }
    replace_string(opened, "digest", hasher.hex());
}

void read_all(const std::string& path) {
    constexpr std::size_t kMostImages = 64;
    PackedFile packed;
    if (!accepted([&] { packed = open_packed(path, 1); })) return;
    for (const PackedImages* set : {packed.train.get(), packed.test.get()}) {
        for (std::size_t i = 0; set != nullptr && i < std::min(set->index().count(), kMostImages); ++i) {
            accepted([&] { set->bytes_of(static_cast<std::uint32_t>(i)); });
        }
    }
}

}  // namespace

void packed_images(Bytes bytes) {
    static const std::string good = make_good_file();
    Choices choices(bytes);
    const std::uint8_t flags = choices.byte();
    if ((flags & 1) != 0) return read_all(InputFile(choices.rest()).path());
    InputFile file({reinterpret_cast<const std::uint8_t*>(good.data()), good.size()});
    edit(file, choices);
    if ((flags & 2) != 0) accepted([&] { correct_digest(file); });
    if ((flags & 4) != 0) flip_bytes(file, choices);
    read_all(file.path());
}

}  // namespace dfp16::fuzz
