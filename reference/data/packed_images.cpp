#include "reference/data/packed_images.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "reference/files/hdf5_crash.h"
#include "reference/interface/thread_pool.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::uint64_t kCheckedWhenOpened = std::uint64_t{1} << 30;

std::string count_text(const char* what, std::size_t found, std::size_t expected) {
    return std::string(what) + ": " + std::to_string(found) + ", expected " + std::to_string(expected);
}

}  // namespace

PackedImages::PackedImages(hid_t file, const std::string& path, const std::string& set, std::int64_t classes)
    : path_(path), place_(path + ": " + set), set_(set) {
    const hdf5::Handle group = hdf5::open_group(file, set, path);
    index_ = ImageIndex::read(group, place_);
    names_ = split_names(index_.names);
    find_chunks(group);
    check_index(classes);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw InputError("cannot read " + path + ": " + std::strerror(errno));
}

PackedImages::~PackedImages() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void PackedImages::find_chunks(hid_t group) {
    const hdf5::Handle dataset = hdf5::open_dataset(group, "bytes", place_);
    const std::string here = place_ + "/bytes";
    const hdf5::Handle type(H5Dget_type(dataset), H5Tclose, here);
    const hdf5::Handle space(H5Dget_space(dataset), H5Sclose, here);
    const hdf5::Handle creation(H5Dget_create_plist(dataset), H5Pclose, here);
    hsize_t chunk = 0;
    if (H5Tequal(type, H5T_STD_U8LE) <= 0 || H5Sget_simple_extent_ndims(space) != 1 ||
        H5Pget_layout(creation) != H5D_CHUNKED || H5Pget_chunk(creation, 1, &chunk) != 1 || chunk == 0 ||
        H5Pget_nfilters(creation) != 0) {
        throw InputError(here + ": expected uint8 of one dimension in chunks without filters");
    }
    hsize_t size = 0;
    H5Sget_simple_extent_dims(space, &size, nullptr);
    bytes_ = size;
    chunk_bytes_ = chunk;
    if (hdf5::stored_bytes(dataset, here) < size) throw InputError(here + ": not all of it is stored");
    for (hsize_t first = 0; first < size; first += chunk) {
        unsigned mask = 0;
        haddr_t address = HADDR_UNDEF;
        hsize_t stored = 0;
        hdf5::check(H5Dget_chunk_info_by_coord(dataset, &first, &mask, &address, &stored), here);
        if (address == HADDR_UNDEF || stored != chunk) throw InputError(here + ": not all of it is stored");
        chunks_.push_back(address);
    }
}

void PackedImages::check_index(std::int64_t classes) const {
    const std::size_t count = index_.count();
    const auto expect = [&](const char* what, std::size_t found, std::size_t expected) {
        if (found != expected) throw InputError(place_ + ": " + count_text(what, found, expected));
    };
    if (count == 0) throw InputError(place_ + ": no images, expected at least one");
    if (count > std::size_t{1} << 32) throw InputError(place_ + ": more than 2^32 images");
    expect("offsets", index_.offsets.size(), count + 1);
    expect("widths", index_.widths.size(), count);
    expect("heights", index_.heights.size(), count);
    expect("names", names_.size(), count);
    expect("digest bytes", index_.digests.size(), 16 * count);
    expect("first offset", index_.offsets.front(), 0);
    expect("last offset", index_.offsets.back(), bytes_);
    if (!std::is_sorted(index_.offsets.begin(), index_.offsets.end())) {
        throw InputError(place_ + ": offsets fall, expected them to rise");
    }
    for (const std::int32_t label : index_.labels) {
        if (label >= 0 && label < classes) continue;
        throw InputError(place_ + ": label " + std::to_string(label) + ", expected 0 to " +
                         std::to_string(classes - 1));
    }
}

void PackedImages::fail(std::uint32_t sample, const std::string& reason) const {
    throw InputError(place_ + " image " + std::to_string(sample) + " (" + names_[sample] + "): " + reason);
}

std::vector<std::uint8_t> PackedImages::bytes_of(std::uint32_t sample) const {
    if (sample >= index_.count()) {
        throw InputError(place_ + ": sample " + std::to_string(sample) + ", expected 0 to " +
                         std::to_string(index_.count() - 1));
    }
    std::uint64_t place = index_.offsets[sample];
    std::vector<std::uint8_t> bytes(index_.offsets[sample + std::size_t{1}] - place);
    for (std::size_t done = 0; done < bytes.size();) {
        const std::uint64_t in_chunk = place % chunk_bytes_;
        const std::size_t part = std::min<std::uint64_t>(bytes.size() - done, chunk_bytes_ - in_chunk);
        const auto offset = static_cast<off_t>(chunks_[place / chunk_bytes_] + in_chunk);
        const ssize_t got = ::pread(descriptor_, bytes.data() + done, part, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(sample, std::string("cannot be read: ") + std::strerror(errno));
        if (got == 0) fail(sample, "the file ends before it");
        done += static_cast<std::size_t>(got);
        place += static_cast<std::uint64_t>(got);
    }
    const Hasher::Digest digest = digest_of_bytes(bytes.data(), bytes.size());
    if (!std::equal(digest.begin(), digest.end(), index_.digests.begin() + std::ptrdiff_t{16} * sample)) {
        fail(sample, "damaged, its digest differs from the stored one");
    }
    return bytes;
}

Image PackedImages::decode(std::uint32_t sample) const {
    const std::vector<std::uint8_t> bytes = bytes_of(sample);
    try {
        return decode_jpeg(bytes);
    } catch (const InputError& error) {
        fail(sample, error.what());
    }
}

bool is_packed_file(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

PackedFile open_packed(const std::string& path, int threads) {
    std::optional<hdf5::Reading> reading(path);
    hdf5::silence();
    const hdf5::Handle file = hdf5::open_file(path);
    if (H5Aexists(file, "format") <= 0 || hdf5::read_string(file, "format", path) != kPackedFormat) {
        throw InputError(path + ": not a file of packed images, expected one that dfp16 pack wrote");
    }
    hdf5::read_integer(file, "schema", path, kPackedSchema, kPackedSchema);
    const std::string digest = hdf5::read_string(file, "digest", path);
    PackedFile packed;
    packed.header = PackedHeader::read(file, path);
    const auto classes = static_cast<std::int64_t>(packed.header.classes.size());
    packed.train = std::make_shared<PackedImages>(file, path, "train", classes);
    if (H5Lexists(file, "test", H5P_DEFAULT) > 0) {
        packed.test = std::make_shared<PackedImages>(file, path, "test", classes);
    }
    reading.reset();
    Hasher hasher;
    packed.header.hash(hasher);
    packed.train->index().hash(hasher, "train");
    if (packed.test) packed.test->index().hash(hasher, "test");
    if (hasher.hex() != digest) throw InputError(path + ": damaged, its digest differs from the stored one");

    ThreadPool pool(threads);
    for (const PackedImages* set : {packed.train.get(), packed.test.get()}) {
        if (set == nullptr || set->index().offsets.back() > kCheckedWhenOpened) continue;
        pool.parallel_for(static_cast<std::int64_t>(set->index().count()),
                          [&](std::int64_t sample, int) { set->bytes_of(static_cast<std::uint32_t>(sample)); });
    }
    return packed;
}

}  // namespace dfp16
