#include "reference/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "reference/checkpoint_header.h"
#include "reference/files/hasher.h"
#include "reference/files/output_file.h"

// The file: 8 bytes magic, 8 bytes length of the header, the header (JSON), the values of the states one after the
// other (FP32), 16 bytes XXH3-128 (canonical) of all before. Integers and values are little-endian.
//
// Not HDF5: this file is written from front to back, one state in memory at a time, with its digest taken on the way,
// and nothing in it is parsed before the digest of the whole has been compared; HDF5 goes back to its metadata, and a
// torn file is for its library to find out. A checkpoint is for this program only; vectors are for others.

namespace dfp16 {

static_assert(std::endian::native == std::endian::little, "values are written as they are in memory");

namespace {

constexpr char kMagic[8] = {'d', 'f', 'p', '1', '6', 'c', 'k', '\n'};
constexpr std::uint64_t kHeaderMost = std::uint64_t{1} << 28;
constexpr std::uint64_t kFixed = sizeof kMagic + sizeof(std::uint64_t);  // in front of the header
constexpr std::size_t kChunk = std::size_t{1} << 20;

/// Writes and takes the digest of what it writes.
class HashedOutput {
public:
    explicit HashedOutput(const std::string& path) : file_(path) {}
    void write(const void* data, std::size_t size) {
        hasher_.bytes(data, size);
        file_.write(data, size);
    }
    void commit() {
        const Hasher::Digest digest = hasher_.digest();
        file_.write(digest.data(), digest.size());
        file_.commit();
    }

private:
    OutputFile file_;
    Hasher hasher_;
};

}  // namespace

std::vector<Checkpoint::State> states_of(const StepGraph& step) {
    std::vector<Checkpoint::State> states;
    for (const NetworkState& state : step.states) {
        states.push_back({step.graph.tensor_name(state.tensor), step.graph.tensors[state.tensor].shape});
    }
    return states;
}

std::string states_digest(const StepGraph& step, const Plan& plan) {
    Hasher hasher;
    for (const NetworkState& state : step.states) {
        const HostTensor value = plan.read(state.tensor);
        hasher.text(step.graph.tensor_name(state.tensor));
        hasher.text(value.shape.text());
        hasher.bytes(value.fp32().data(), value.fp32().size() * sizeof(float));
    }
    return hasher.hex();
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, const ReadState& read) {
    HashedOutput file(path);
    const std::string header = header_of(checkpoint);
    const std::uint64_t length = header.size();
    file.write(kMagic, sizeof kMagic);
    file.write(&length, sizeof length);
    file.write(header.data(), header.size());
    for (std::size_t i = 0; i < checkpoint.states.size(); ++i) {
        const HostTensor value = read(i);
        file.write(value.fp32().data(), value.fp32().size() * sizeof(float));
    }
    file.commit();
}

CheckpointReader::CheckpointReader(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
        throw InputError(fmt::format("checkpoint {}: {}", path, std::strerror(errno)));
    }
    const auto damaged = [&path](const std::string& what) {
        throw DamagedCheckpoint("checkpoint " + path + ": " + what);
    };
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (!S_ISREG(status.st_mode)) damaged("not a regular file");
    if (size < kFixed + sizeof(Hasher::Digest)) damaged(fmt::format("{} bytes, too short for a checkpoint", size));
    char magic[sizeof kMagic];
    read(0, magic, sizeof magic);
    if (std::memcmp(magic, kMagic, sizeof kMagic) != 0) damaged("does not begin as a checkpoint does");

    const std::uint64_t end = size - sizeof(Hasher::Digest);
    Hasher hasher;
    std::vector<char> chunk(kChunk);
    for (std::uint64_t at = 0; at < end; at += kChunk) {
        const std::size_t part = std::min<std::uint64_t>(kChunk, end - at);
        read(at, chunk.data(), part);
        hasher.bytes(chunk.data(), part);
    }
    Hasher::Digest digest{};
    read(end, digest.data(), digest.size());
    if (digest != hasher.digest()) damaged("the digest does not match: the file is torn or was changed");

    std::uint64_t length = 0;
    read(sizeof kMagic, &length, sizeof length);
    if (length > std::min(kHeaderMost, end - kFixed)) damaged(fmt::format("header of {} bytes", length));
    std::string header(length, '\0');
    read(kFixed, header.data(), length);
    try {
        checkpoint_ = parse_header(header);
    } catch (const DamagedCheckpoint& error) {
        damaged(error.what());
    }
    std::uint64_t at = kFixed + length;
    for (const Checkpoint::State& state : checkpoint_.states) {
        offsets_.push_back(at);
        const auto elements = static_cast<std::uint64_t>(state.shape.elements());
        if (elements > (end - at) / sizeof(float)) damaged("shorter than its states");
        at += elements * sizeof(float);
    }
    if (at != end) damaged("longer than its states");
}

CheckpointReader::~CheckpointReader() {
    if (descriptor_ >= 0) close(descriptor_);
}

void CheckpointReader::read(std::uint64_t offset, void* data, std::size_t size) const {
    char* bytes = static_cast<char*>(data);
    while (size > 0) {
        const ssize_t got = pread(descriptor_, bytes, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            throw DamagedCheckpoint(
                fmt::format("checkpoint {}: {}", path_, got < 0 ? std::strerror(errno) : "became shorter"));
        }
        bytes += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
}

HostTensor CheckpointReader::read_state(std::size_t index) const {
    HostTensor value(ElementType::fp32, checkpoint_.states.at(index).shape);
    read(offsets_[index], value.fp32().data(), value.fp32().size() * sizeof(float));
    return value;
}

void CheckpointReader::restore(const StepGraph& step, Plan& plan) const {
    const std::vector<Checkpoint::State> expected = states_of(step);
    if (expected.size() != checkpoint_.states.size()) {
        throw InputError(fmt::format("checkpoint {}: {} states, expected the network's {}", path_,
                                     checkpoint_.states.size(), expected.size()));
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const Checkpoint::State& found = checkpoint_.states[i];
        if (found.name != expected[i].name || found.shape != expected[i].shape) {
            throw InputError(fmt::format("checkpoint {}: state {} of {}, expected {} of {}", path_, found.name,
                                         found.shape.text(), expected[i].name, expected[i].shape.text()));
        }
        plan.bind(step.states[i].tensor, read_state(i));
    }
}

}  // namespace dfp16
