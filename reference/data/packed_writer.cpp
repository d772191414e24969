#include "reference/data/packed_writer.h"

#include <algorithm>
#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::uint64_t kLargestChunk = std::uint64_t{1} << 24;

}  // namespace

template <typename Body>
void PackedWriter::named(const Body& body) const {
    try {
        body();
    } catch (const InputError& error) {
        throw InputError(path_ + ": " + error.what());
    }
}

PackedWriter::PackedWriter(const std::string& path)
    : path_(path), output_(path), file_(hdf5::create_file(output_.temporary())) {
    hdf5::write_string(file_, "format", kPackedFormat);
    hdf5::write_integer(file_, "schema", kPackedSchema);
}

void PackedWriter::add(const PackedSample& sample) {
    named([&] { append(sample); });
}

void PackedWriter::begin(const std::string& set, std::uint64_t most_bytes) {
    named([&] { finish_set(); });
    set_ = set;
    index_ = {};
    chunk_bytes_ = std::clamp<std::uint64_t>(most_bytes, 1, kLargestChunk);
    const hsize_t none = 0;
    const hsize_t unlimited = H5S_UNLIMITED;
    const hsize_t chunk = chunk_bytes_;
    open_.push_back(hdf5::create_group(file_, set));
    const hdf5::Handle space(H5Screate_simple(1, &none, &unlimited), H5Sclose, hdf5::kFailure);
    const hdf5::Handle creation = hdf5::without_times(H5P_DATASET_CREATE);
    hdf5::check(H5Pset_chunk(creation, 1, &chunk), hdf5::kFailure);
    hdf5::check(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), hdf5::kFailure);
    open_.emplace_back(H5Dcreate2(open_[0], "bytes", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose,
                       hdf5::kFailure);
}

void PackedWriter::append(const PackedSample& sample) {
    const std::uint64_t end = index_.offsets.back() + sample.bytes.size();
    index_.offsets.push_back(end);
    index_.widths.push_back(static_cast<std::uint32_t>(sample.width));
    index_.heights.push_back(static_cast<std::uint32_t>(sample.height));
    index_.labels.push_back(sample.label);
    index_.names.insert(index_.names.end(), sample.name.begin(), sample.name.end());
    index_.names.push_back(0);
    const Hasher::Digest digest = digest_of_bytes(sample.bytes.data(), sample.bytes.size());
    index_.digests.insert(index_.digests.end(), digest.begin(), digest.end());
    for (std::size_t done = 0; done < sample.bytes.size();) {
        const std::size_t part = std::min<std::size_t>(sample.bytes.size() - done, chunk_bytes_ - chunk_.size());
        const auto first = sample.bytes.begin() + static_cast<std::ptrdiff_t>(done);
        chunk_.insert(chunk_.end(), first, first + static_cast<std::ptrdiff_t>(part));
        done += part;
        if (chunk_.size() == chunk_bytes_) store(open_[1]);
    }
}

void PackedWriter::store(const hdf5::Handle& dataset) {
    const hsize_t first = stored_;
    const hsize_t end = stored_ + chunk_.size();
    stored_ = end;
    chunk_.resize(chunk_bytes_);  // chunks are stored whole
    hdf5::check(H5Dset_extent(dataset, &end), hdf5::kFailure);
    hdf5::check(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &first, chunk_.size(), chunk_.data()), hdf5::kFailure);
    chunk_.clear();
}

void PackedWriter::finish_set() {
    if (open_.empty()) return;
    if (!chunk_.empty()) store(open_[1]);
    index_.write(open_[0]);
    done_.emplace_back(set_, std::move(index_));
    while (!open_.empty()) open_.pop_back();
    stored_ = 0;
}

std::string PackedWriter::commit(const PackedHeader& header) {
    Hasher hasher;
    named([&] {
        finish_set();
        header.write(file_);
        header.hash(hasher);
        for (const auto& [set, index] : done_) index.hash(hasher, set);
        hdf5::write_string(file_, "digest", hasher.hex());
        hdf5::check(H5Fflush(file_, H5F_SCOPE_GLOBAL), hdf5::kFailure);
        hdf5::check(file_.close(), hdf5::kFailure);
    });
    output_.commit();
    return hasher.hex();
}

}  // namespace dfp16
