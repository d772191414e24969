// What a packed image file says of its images, apart from their bytes (docs/data.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reference/data/dataset.h"
#include "reference/files/hasher.h"
#include "reference/files/hdf5.h"

namespace dfp16 {

inline constexpr const char* kPackedFormat = "dfp16 images";
inline constexpr std::int64_t kPackedSchema = 1;

/// One set (training or test). Sample n has the bytes offsets[n] to offsets[n + 1] - 1.
struct ImageIndex {
    std::vector<std::uint64_t> offsets{0};
    std::vector<std::uint32_t> widths, heights;
    std::vector<std::int32_t> labels;
    std::vector<std::uint8_t> names;    ///< of the images' files, each followed by a zero byte
    std::vector<std::uint8_t> digests;  ///< XXH3-128 of each image's bytes, 16 bytes each

    std::size_t count() const { return labels.size(); }
    void write(hid_t group) const;
    static ImageIndex read(hid_t group, const std::string& place);
    void hash(Hasher& hasher, const std::string& set) const;
};

/// Names, each followed by a zero byte, as a list; and back.
std::vector<std::string> split_names(const std::vector<std::uint8_t>& joined);
std::vector<std::uint8_t> join_names(const std::vector<std::string>& names);

/// What both sets share.
struct PackedHeader {
    std::vector<std::string> classes;
    std::vector<Normalization> normalization;  ///< R, G, B

    void write(hid_t file) const;
    static PackedHeader read(hid_t file, const std::string& place);
    void hash(Hasher& hasher) const;
};

}  // namespace dfp16
