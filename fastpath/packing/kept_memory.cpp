#include "fastpath/packing/kept_memory.h"

#include <array>
#include <cstddef>
#include <memory>
#include <new>

namespace dfp16::fast {

namespace {

constexpr std::align_val_t kAlignment{64};

struct Free {
    void operator()(std::byte* bytes) const { ::operator delete[](bytes, kAlignment); }
};

struct Buffer {
    std::unique_ptr<std::byte[], Free> bytes;
    std::int64_t size = 0;
};

}  // namespace

void* kept_bytes(Kept slot, std::int64_t bytes) {
    thread_local std::array<Buffer, static_cast<std::size_t>(Kept::count)> buffers;
    Buffer& buffer = buffers[static_cast<std::size_t>(slot)];
    if (buffer.size < bytes) {
        buffer.bytes.reset();
        buffer.size = 0;
        buffer.bytes.reset(new (kAlignment) std::byte[static_cast<std::size_t>(bytes)]);
        buffer.size = bytes;
    }
    return buffer.bytes.get();
}

}  // namespace dfp16::fast
