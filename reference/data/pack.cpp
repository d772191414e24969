#include "reference/data/pack.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "reference/data/jpeg.h"
#include "reference/data/ordered_queue.h"
#include "reference/data/packed_writer.h"
#include "reference/data/resize.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of one file

struct ChannelSums {
    std::int64_t sum = 0, squares = 0;
};

/// A decoded and checked image, or the reason why there is none.
struct Packed {
    PackedSample sample;
    std::array<ChannelSums, 3> sums{};
    std::string reason;
};

std::vector<std::uint8_t> read_file(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        throw InputError(error ? error.message() : "not a regular file");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) throw InputError(error.message());
    if (size > kMostBytes) throw InputError(fmt::format("{} bytes, expected at most 2^30", size));
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError(std::strerror(errno));
    std::vector<std::uint8_t> bytes(size);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (static_cast<std::uintmax_t>(file.gcount()) != size) throw InputError("cannot be read whole");
    return bytes;
}

/// Larger images, brought down to a shorter side of `side`.
Image shrunk(const Image& image, std::int64_t side) {
    const bool wide = image.width >= image.height;
    const std::int64_t shorter = wide ? image.height : image.width;
    const std::int64_t longer = (wide ? image.width : image.height) * side / shorter;
    Image small{.width = wide ? longer : side, .height = wide ? side : longer, .pixels = {}};
    std::vector<std::uint8_t> planes(static_cast<std::size_t>(small.width * small.height * 3));
    resize({image.pixels.data(), 3, image.height, image.width, 1, 3 * image.width, 3},
           {.source = {0, 0, image.height, image.width},
            .height = small.height,
            .width = small.width,
            .window = {0, 0, small.height, small.width}},
           planes.data());
    const std::size_t plane = planes.size() / 3;
    small.pixels.resize(planes.size());
    for (std::size_t i = 0; i < planes.size(); ++i) small.pixels[i % plane * 3 + i / plane] = planes[i];
    return small;
}

Packed pack_one(const ListedImage& listed, const PackOptions& options) {
    Packed packed;
    PackedSample& sample = packed.sample;
    sample.name = listed.name;
    sample.label = listed.label;
    try {
        sample.bytes = read_file(listed.path);
        Image image = decode_jpeg(sample.bytes);
        if (options.resize > 0 && std::min(image.width, image.height) > options.resize) {
            sample.bytes = encode_jpeg(shrunk(image, options.resize), options.quality);
            image = decode_jpeg(sample.bytes);
        }
        sample.width = image.width;
        sample.height = image.height;
        for (std::size_t i = 0; i < image.pixels.size(); ++i) {
            const std::int64_t p = image.pixels[i];
            packed.sums[i % 3].sum += p;
            packed.sums[i % 3].squares += p * p;
        }
    } catch (const InputError& error) {
        packed.reason = error.what();
    }
    return packed;
}

/// The bytes that the files of a list have now: as much as will be stored unless images are encoded again.
std::uint64_t bytes_of(const ImageList& list) {
    std::uint64_t total = 0;
    for (const ListedImage& image : list.images) {
        std::error_code error;
        const std::uintmax_t size = std::filesystem::file_size(image.path, error);
        if (!error) total += size;
    }
    return total;
}

/// Packs the sets one after the other, image by image.
class Packer {
public:
    Packer(const PackOptions& options, const PackObserver& observer, std::int64_t total)
        : options_(options), observer_(observer), total_(total), writer_(options.output) {}

    /// Gives the number of images packed.
    std::int64_t pack(const std::string& set, const ImageList& list) {
        writer_.begin(set, bytes_of(list));
        sums_ = {};
        pixels_ = 0;
        std::int64_t packed = 0;
        const auto count = static_cast<std::int64_t>(list.images.size());
        OrderedQueue<Packed> queue(options_.threads, 4 * std::int64_t{options_.threads});
        queue.start([&](std::int64_t i) { return pack_one(list.images[static_cast<std::size_t>(i)], options_); },
                    count);
        for (std::int64_t i = 0; i < count; ++i) {
            if (observer_.stop && observer_.stop()) throw PackStopped{};
            if (take(queue.next(), list.images[static_cast<std::size_t>(i)].path)) ++packed;
            ++done_;
            if (observer_.progress) observer_.progress(done_, total_);
        }
        if (packed == 0) throw InputError(fmt::format("no {} image could be read, expected at least one", set));
        return packed;
    }

    std::vector<Normalization> normalization() const {
        std::vector<Normalization> normalization;
        for (const ChannelSums& sums : sums_)
            normalization.push_back(normalization_of(pixels_, sums.sum, sums.squares));
        return normalization;
    }
    std::string commit(const PackedHeader& header) { return writer_.commit(header); }
    std::uint64_t bytes() const { return bytes_; }
    const std::vector<BadImage>& bad() const { return bad_; }

private:
    bool take(const Packed& packed, const std::string& path) {
        if (!packed.reason.empty()) {
            if (!options_.skip_bad) throw InputError(path + ": " + packed.reason);
            bad_.push_back({path, packed.reason});
            if (observer_.bad) observer_.bad(bad_.back());
            return false;
        }
        writer_.add(packed.sample);
        bytes_ += packed.sample.bytes.size();
        pixels_ += packed.sample.width * packed.sample.height;
        for (std::size_t c = 0; c < 3; ++c) {
            sums_[c].sum += packed.sums[c].sum;
            sums_[c].squares += packed.sums[c].squares;
        }
        return true;
    }

    const PackOptions& options_;
    const PackObserver& observer_;
    std::int64_t total_;
    std::int64_t done_ = 0;
    PackedWriter writer_;
    std::array<ChannelSums, 3> sums_{};  ///< of the set being packed
    std::int64_t pixels_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<BadImage> bad_;
};

}  // namespace

PackResult pack_images(const ImageList& train, const std::optional<ImageList>& test, const PackOptions& options,
                       const PackObserver& observer) {
    const std::size_t total = train.images.size() + (test ? test->images.size() : 0);
    Packer packer(options, observer, static_cast<std::int64_t>(total));
    PackResult result;
    result.train_images = packer.pack("train", train);
    result.header = {train.classes, packer.normalization()};
    if (test) result.test_images = packer.pack("test", *test);
    result.digest = packer.commit(result.header);
    result.bytes = packer.bytes();
    result.bad = packer.bad();
    return result;
}

}  // namespace dfp16
