#include "reference/data/idx.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 40;
constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;

/// Sequential reads of a plain or gzipped file.
class Reader {
public:
    explicit Reader(const std::string& path) : path_(path) {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) fail("is a directory, expected an IDX file");
        errno = 0;
        file_.reset(gzopen(path.c_str(), "rb"));
        if (!file_) fail(fmt::format("cannot be opened ({}), expected an IDX file", std::strerror(errno)));
    }

    /// Reads up to `count` bytes; fewer only where the file ends.
    std::size_t read(std::uint8_t* bytes, std::size_t count) {
        std::size_t done = 0;
        while (done < count) {
            const auto part = static_cast<unsigned>(std::min<std::size_t>(count - done, 1u << 20));
            const int got = gzread(file_.get(), bytes + done, part);
            int status = Z_OK;
            const std::string message = gzerror(file_.get(), &status);  // "path: what"
            if (status == Z_ERRNO) fail(fmt::format("cannot be read ({})", std::strerror(errno)));
            // A truncated stream yields its bytes and Z_BUF_ERROR, a corrupted one -1 and Z_DATA_ERROR.
            if (status == Z_BUF_ERROR) fail("truncated gzip stream, expected a whole one");
            if (got < 0 || status < 0) {
                const std::string what = message.starts_with(path_ + ": ") ? message.substr(path_.size() + 2) : message;
                fail(fmt::format("corrupted gzip stream ({}), expected a sound one", what));
            }
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    [[noreturn]] void fail(const std::string& what) const { throw InputError(path_ + ": " + what); }

private:
    struct Close {
        void operator()(gzFile_s* file) const { gzclose(file); }
    };
    std::string path_;
    std::unique_ptr<gzFile_s, Close> file_;
};

struct IdxFile {
    std::vector<std::int64_t> sizes;
    std::vector<std::uint8_t> bytes;
};

/// The magic and `rank` sizes; their product is the number of bytes that must follow, at most kMaxBytes.
std::vector<std::int64_t> read_header(Reader& reader, std::uint32_t magic, std::size_t rank, const char* content) {
    std::array<std::uint8_t, 16> bytes{};
    const std::size_t length = 4 + 4 * rank;
    const std::size_t got = reader.read(bytes.data(), length);
    const auto word = [&](std::size_t i) {
        return std::uint32_t{bytes[4 * i]} << 24 | std::uint32_t{bytes[4 * i + 1]} << 16 |
               std::uint32_t{bytes[4 * i + 2]} << 8 | std::uint32_t{bytes[4 * i + 3]};
    };
    if (got >= 4 && word(0) != magic) {
        reader.fail(fmt::format("magic number 0x{:08x}, expected 0x{:08x} (IDX {})", word(0), magic, content));
    }
    if (got < length) reader.fail(fmt::format("ends after {} bytes, expected an IDX header of {}", got, length));
    std::vector<std::int64_t> sizes;
    std::int64_t product = 1;
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t size = word(1 + i);
        if (size == 0) reader.fail(fmt::format("size {} of the header is 0, expected at least 1 ({})", i, content));
        if (size > kMaxBytes / product)
            reader.fail("sizes in the header give more than 2^40 bytes, beyond any data set");
        product *= size;
        sizes.push_back(size);
    }
    return sizes;
}

/// Reads a whole IDX file. Memory grows with what the file really holds, not with what its header claims.
IdxFile read_idx(const std::string& path, std::uint32_t magic, std::size_t rank, const char* content) {
    Reader reader(path);
    IdxFile idx;
    idx.sizes = read_header(reader, magic, rank, content);
    std::int64_t product = 1;
    for (const std::int64_t size : idx.sizes) product *= size;
    const auto expected = static_cast<std::size_t>(product);
    constexpr std::size_t kPart = std::size_t{1} << 24;
    while (idx.bytes.size() <= expected) {
        const std::size_t have = idx.bytes.size();
        const std::size_t part = std::min(kPart, expected + 1 - have);  // one more than expected: the file must end
        idx.bytes.resize(have + part);
        const std::size_t got = reader.read(idx.bytes.data() + have, part);
        idx.bytes.resize(have + got);
        if (got < part) break;
    }
    if (idx.bytes.size() != expected) {
        const bool longer = idx.bytes.size() > expected;
        reader.fail(fmt::format("holds {} bytes of {}, expected {} by its header",
                                longer ? "more than " + std::to_string(expected) : std::to_string(idx.bytes.size()),
                                content, expected));
    }
    return idx;
}

/// Turns label bytes into labels and settles the number of classes.
void take_labels(const std::string& path, const std::vector<std::uint8_t>& bytes, std::int64_t classes, Dataset& set) {
    const std::int64_t largest = *std::max_element(bytes.begin(), bytes.end());
    set.classes = classes > 0 ? classes : std::max<std::int64_t>(10, largest + 1);
    set.labels.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] >= set.classes) {
            throw InputError(
                fmt::format("{}: label {} of sample {}, expected 0 to {}", path, bytes[i], i, set.classes - 1));
        }
        set.labels.push_back(Label{bytes[i]});
    }
}

}  // namespace

Dataset load_idx(const std::string& images_path, const std::string& labels_path, std::int64_t classes) {
    IdxFile images = read_idx(images_path, kImagesMagic, 3, "images");
    const IdxFile labels = read_idx(labels_path, kLabelsMagic, 1, "labels");
    if (images.sizes[0] != labels.sizes[0]) {
        throw InputError(fmt::format("{}: {} labels, expected {}, one for each image of {}", labels_path,
                                     labels.sizes[0], images.sizes[0], images_path));
    }
    Dataset set;
    set.count = images.sizes[0];
    set.channels = 1;
    set.height = images.sizes[1];
    set.width = images.sizes[2];
    set.pixels = std::move(images.bytes);
    take_labels(labels_path, labels.bytes, classes, set);
    set.normalization = normalization_of(set);
    return set;
}

}  // namespace dfp16
