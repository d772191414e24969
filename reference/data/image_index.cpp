#include "reference/data/image_index.h"

#include "reference/files/hdf5_array.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// Calls visit(name, array) for each array of an index, by name.
template <typename Index, typename Visit>
void for_each_array(Index& index, const Visit& visit) {
    visit("digests", index.digests);
    visit("heights", index.heights);
    visit("labels", index.labels);
    visit("names", index.names);
    visit("offsets", index.offsets);
    visit("widths", index.widths);
}

template <typename Element>
void hash_array(Hasher& hasher, const std::string& name, const std::vector<Element>& elements) {
    hasher.text(name);
    hasher.number(static_cast<std::int64_t>(elements.size() * sizeof(Element)));
    hasher.bytes(elements.data(), elements.size() * sizeof(Element));
}

std::vector<float> means_of(const std::vector<Normalization>& normalization) {
    std::vector<float> means;
    for (const Normalization& channel : normalization) means.push_back(channel.mean);
    return means;
}

std::vector<float> deviations_of(const std::vector<Normalization>& normalization) {
    std::vector<float> deviations;
    for (const Normalization& channel : normalization) deviations.push_back(channel.deviation);
    return deviations;
}

}  // namespace

void ImageIndex::write(hid_t group) const {
    for_each_array(*this, [&](const char* name, const auto& array) { hdf5::write_array(group, name, array); });
}

ImageIndex ImageIndex::read(hid_t group, const std::string& place) {
    ImageIndex index;
    for_each_array(index, [&](const char* name, auto& array) {
        using Element = typename std::remove_reference_t<decltype(array)>::value_type;
        array = hdf5::read_array<Element>(group, name, place);
    });
    return index;
}

void ImageIndex::hash(Hasher& hasher, const std::string& set) const {
    for_each_array(*this, [&](const char* name, const auto& array) { hash_array(hasher, set + "/" + name, array); });
}

std::vector<std::string> split_names(const std::vector<std::uint8_t>& joined) {
    std::vector<std::string> names(1);
    for (const std::uint8_t byte : joined) {
        if (byte == 0) {
            names.emplace_back();
        } else {
            names.back() += static_cast<char>(byte);
        }
    }
    names.pop_back();
    return names;
}

std::vector<std::uint8_t> join_names(const std::vector<std::string>& names) {
    std::vector<std::uint8_t> joined;
    for (const std::string& name : names) {
        joined.insert(joined.end(), name.begin(), name.end());
        joined.push_back(0);
    }
    return joined;
}

void PackedHeader::write(hid_t file) const {
    hdf5::write_array(file, "classes", join_names(classes));
    hdf5::write_array(file, "mean", means_of(normalization));
    hdf5::write_array(file, "deviation", deviations_of(normalization));
}

PackedHeader PackedHeader::read(hid_t file, const std::string& place) {
    PackedHeader header;
    header.classes = split_names(hdf5::read_array<std::uint8_t>(file, "classes", place));
    const auto means = hdf5::read_array<float>(file, "mean", place);
    const auto deviations = hdf5::read_array<float>(file, "deviation", place);
    if (means.size() != 3 || deviations.size() != 3) {
        throw InputError(place + ": mean and deviation of " + std::to_string(means.size()) + " and " +
                         std::to_string(deviations.size()) + " channels, expected 3");
    }
    for (std::size_t c = 0; c < 3; ++c) {
        const bool sound = means[c] >= 0.0f && means[c] <= 1.0f && deviations[c] > 0.0f && deviations[c] <= 1.0f;
        if (!sound) throw InputError(place + ": mean or deviation is out of range, expected 0 to 1");
        header.normalization.push_back({means[c], deviations[c]});
    }
    return header;
}

void PackedHeader::hash(Hasher& hasher) const {
    hash_array(hasher, "classes", join_names(classes));
    hash_array(hasher, "deviation", deviations_of(normalization));
    hash_array(hasher, "mean", means_of(normalization));
}

}  // namespace dfp16
