// What HDF5's filters do to a chunk, undone: deflate (the zlib format), then the shuffle of an element's bytes.
#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "sim/types/error.h"
#include "vectors/hdf5_tensor.h"

namespace dfp16::hdf5 {

namespace {

struct FreeDecompressor {
    void operator()(libdeflate_decompressor* one) const { libdeflate_free_decompressor(one); }
};

void inflate(const std::vector<std::byte>& deflated, std::byte* into, std::size_t size, const std::string& place) {
    thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
        libdeflate_alloc_decompressor());
    if (!decompressor) throw std::bad_alloc();
    if (libdeflate_zlib_decompress(decompressor.get(), deflated.data(), deflated.size(), into, size, nullptr) !=
        LIBDEFLATE_SUCCESS) {
        throw InputError(place + ": damaged data (a chunk does not inflate to its " + std::to_string(size) + " bytes)");
    }
}

/// The first bytes of all elements come first, then the second ones, ...
template <typename Word>
void unshuffle(const std::byte* shuffled, std::size_t elements, std::byte* into) {
    for (std::size_t i = 0; i < elements; ++i) {
        Word word = 0;
        for (std::size_t b = 0; b < sizeof(Word); ++b) {
            word = static_cast<Word>(word | std::to_integer<Word>(shuffled[b * elements + i]) << 8 * b);
        }
        std::memcpy(into + i * sizeof(Word), &word, sizeof(Word));
    }
}

/// Copies a chunk's rows, but for what lies beyond the tensor's ends, from dimension `d` on.
void place_chunk(const StoredTensor& stored, const StoredChunk& chunk, std::size_t element, std::size_t d,
                 const std::byte* from, std::byte* into) {
    const auto size = static_cast<std::size_t>(stored.shape[d]);
    const auto begin = static_cast<std::size_t>(chunk.begin[d]);
    const auto count = std::min(static_cast<std::size_t>(stored.chunk[d]), size - begin);
    std::size_t inside = element;   // bytes of one step of d within the chunk
    std::size_t outside = element;  // and within the tensor
    bool whole = true;              // the chunk has all of the dimensions behind d
    for (std::size_t i = d + 1; i < stored.shape.rank(); ++i) {
        inside *= static_cast<std::size_t>(stored.chunk[i]);
        outside *= static_cast<std::size_t>(stored.shape[i]);
        whole = whole && static_cast<std::int64_t>(stored.chunk[i]) == stored.shape[i];
    }
    if (whole) {
        std::memcpy(into + begin * outside, from, count * inside);
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        place_chunk(stored, chunk, element, d + 1, from + i * inside, into + (begin + i) * outside);
    }
}

/// Buffers for one chunk's bytes.
struct Buffers {
    explicit Buffers(std::size_t size)
        : inflated(std::make_unique_for_overwrite<std::byte[]>(size)),
          ordered(std::make_unique_for_overwrite<std::byte[]>(size)) {}
    std::unique_ptr<std::byte[]> inflated;
    std::unique_ptr<std::byte[]> ordered;
};

/// The chunk's elements in order: in one of the buffers or where they are.
template <typename Word>
const std::byte* ordered_bytes(const StoredChunk& chunk, std::size_t elements, const Buffers& buffers,
                               const std::string& place) {
    const std::size_t size = elements * sizeof(Word);
    const std::byte* bytes = chunk.bytes.data();
    if (chunk.deflated) {
        inflate(chunk.bytes, buffers.inflated.get(), size, place);
        bytes = buffers.inflated.get();
    } else if (chunk.bytes.size() != size) {
        throw InputError(place + ": damaged data (a chunk has " + std::to_string(chunk.bytes.size()) +
                         " bytes, expected " + std::to_string(size) + ")");
    }
    if (!chunk.shuffled) return bytes;
    unshuffle<Word>(bytes, elements, buffers.ordered.get());
    return buffers.ordered.get();
}

template <typename Word>
void assemble(const StoredTensor& stored, std::byte* into) {
    std::size_t elements = 1;
    for (std::size_t d = 0; d < stored.shape.rank(); ++d) elements *= static_cast<std::size_t>(stored.chunk[d]);
    const Buffers buffers(elements * sizeof(Word));
    for (const StoredChunk& chunk : stored.chunks) {
        const std::byte* bytes = ordered_bytes<Word>(chunk, elements, buffers, stored.place);
        place_chunk(stored, chunk, sizeof(Word), 0, bytes, into);
    }
}

}  // namespace

HostTensor inflate_tensor(StoredTensor stored) {
    if (stored.ready) return std::move(*stored.ready);
    HostTensor tensor(stored.type, stored.shape);
    tensor.exponent = stored.exponent;
    std::visit(
        [&](auto& elements) {
            using Element = std::remove_reference_t<decltype(elements[0])>;
            using Word = std::conditional_t<sizeof(Element) == 2, std::uint16_t, std::uint32_t>;
            static_assert(std::is_trivially_copyable_v<Element> && sizeof(Element) == sizeof(Word));
            assemble<Word>(stored, reinterpret_cast<std::byte*>(elements.data()));
        },
        tensor.data);
    return tensor;
}

}  // namespace dfp16::hdf5
