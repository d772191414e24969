#include "vectors/export/zip_file.h"

#include <zlib.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <new>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::uint64_t kMost16 = 0xffff;  // a field of this value says: see the 64-bit record
constexpr std::uint64_t kMost32 = 0xffffffff;
constexpr std::uint16_t kFirstDay = 0x21;  // 1980-01-01
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kVersion64 = 45;
constexpr std::uint16_t kMadeBy = 3 << 8 | kVersion64;  // Unix: attributes are a file's mode
constexpr std::uint32_t kMode = 0100644u << 16;

void put(std::string& bytes, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
}
void put16(std::string& bytes, std::uint64_t value) {
    put(bytes, std::min(value, kMost16), 2);
}
void put32(std::string& bytes, std::uint64_t value) {
    put(bytes, std::min(value, kMost32), 4);
}

/// The extra field with those of the numbers that 32 bits do not hold; empty if there are none.
std::string extra_of(std::initializer_list<std::uint64_t> numbers) {
    std::string values;
    for (const std::uint64_t number : numbers) {
        if (number >= kMost32) put(values, number, 8);
    }
    if (values.empty()) return values;
    std::string extra;
    put16(extra, 1);
    put16(extra, values.size());
    return extra + values;
}

class Deflater {
public:
    Deflater() {
        constexpr int kRaw = -15;
        if (deflateInit2(&stream_, 6, Z_DEFLATED, kRaw, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void add(std::string_view bytes, bool last) {
        constexpr std::size_t kPiece = std::size_t{1} << 30;  // zlib counts in 32 bits
        do {
            const std::string_view piece = bytes.substr(0, kPiece);
            bytes.remove_prefix(piece.size());
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
            stream_.avail_in = static_cast<uInt>(piece.size());
            drain(last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
        } while (!bytes.empty());
    }
    const std::string& result() const { return result_; }

private:
    void drain(int flush) {
        char block[1 << 16];
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(block);
            stream_.avail_out = sizeof block;
            deflate(&stream_, flush);
            result_.append(block, sizeof block - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

    z_stream stream_{};
    std::string result_;
};

std::uint32_t crc_of(std::uint32_t before, std::string_view bytes) {
    return static_cast<std::uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

struct ZipFile::Member {
    std::string name;
    std::uint32_t crc = 0;
    std::uint64_t size = 0;
    std::uint64_t stored = 0;
    std::uint64_t offset = 0;
    bool deflated = false;

    /// From the version to the length of the extra field: what a member's own record and the directory share.
    std::string common(const std::string& extra) const {
        std::string bytes;
        put16(bytes, extra.empty() ? kVersion : kVersion64);
        put16(bytes, 0);
        put16(bytes, deflated ? 8 : 0);
        put16(bytes, 0);
        put16(bytes, kFirstDay);
        put32(bytes, crc);
        put32(bytes, stored);
        put32(bytes, size);
        put16(bytes, name.size());
        put16(bytes, extra.size());
        return bytes;
    }
};

void ZipFile::write(std::string_view bytes) {
    output_.write(bytes.data(), bytes.size());
    size_ += bytes.size();
}

void ZipFile::add(const std::string& name, std::string_view head, std::string_view data) {
    if (name.size() > kMost16)
        throw InputError("zip: a name of " + std::to_string(name.size()) + " bytes, expected at most 65535");
    Member member{name, 0, head.size() + data.size(), head.size() + data.size(), size_, deflated_};
    member.crc = crc_of(crc_of(0, head), data);
    std::string packed;
    if (deflated_) {
        Deflater deflater;
        deflater.add(head, false);
        deflater.add(data, true);
        packed = deflater.result();
        member.stored = packed.size();
    }
    std::string record("PK\3\4", 4);
    // Here, unlike in the directory, both sizes are there or none.
    const bool large = std::max(member.size, member.stored) >= kMost32;
    std::string extra;
    if (large) {
        put16(extra, 1);
        put16(extra, 16);
        put(extra, member.size, 8);
        put(extra, member.stored, 8);
    }
    Member shown = member;
    if (large) shown.size = shown.stored = kMost32;
    write(record + shown.common(extra) + name + extra);
    if (deflated_) {
        write(packed);
    } else {
        write(head);
        write(data);
    }
    add_to_directory(member);
}

void ZipFile::add_to_directory(const Member& member) {
    const std::string extra = extra_of({member.size, member.stored, member.offset});
    directory_ += std::string("PK\1\2", 4);
    put16(directory_, kMadeBy);
    directory_ += member.common(extra);
    put16(directory_, 0);  // comment
    put16(directory_, 0);  // disk
    put16(directory_, 0);  // internal attributes
    put32(directory_, kMode);
    put32(directory_, member.offset);
    directory_ += member.name + extra;
    ++members_;
}

void ZipFile::commit() {
    const std::uint64_t start = size_;
    write(directory_);
    const std::uint64_t end = size_;
    std::string bytes;
    if (members_ >= kMost16 || directory_.size() >= kMost32 || start >= kMost32) {
        bytes += std::string("PK\6\6", 4);
        put(bytes, 44, 8);  // bytes that follow in this record
        put16(bytes, kMadeBy);
        put16(bytes, kVersion64);
        put32(bytes, 0);
        put32(bytes, 0);
        put(bytes, members_, 8);
        put(bytes, members_, 8);
        put(bytes, directory_.size(), 8);
        put(bytes, start, 8);
        bytes += std::string("PK\6\7", 4);
        put32(bytes, 0);
        put(bytes, end, 8);
        put32(bytes, 1);
    }
    bytes += std::string("PK\5\6", 4);
    put16(bytes, 0);
    put16(bytes, 0);
    put16(bytes, members_);
    put16(bytes, members_);
    put32(bytes, directory_.size());
    put32(bytes, start);
    put16(bytes, 0);
    write(bytes);
    output_.commit();
}

}  // namespace dfp16
