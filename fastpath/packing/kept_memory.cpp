#include "fastpath/packing/kept_memory.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "fastpath/memory.h"

namespace dfp16::fast {

namespace {

struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
};

struct Buffer {
    std::unique_ptr<std::byte, Free> bytes;
    std::int64_t size = 0;
};

}  // namespace

void* kept_bytes(Kept slot, std::int64_t bytes) {
    thread_local std::array<Buffer, static_cast<std::size_t>(Kept::count)> buffers;
    Buffer& buffer = buffers[static_cast<std::size_t>(slot)];
    if (buffer.size < bytes) {
        buffer.bytes.reset();
        buffer.size = 0;
        buffer.bytes.reset(allocate(static_cast<std::size_t>(bytes), kLargePage / 16));
        buffer.size = bytes;
    }
    return buffer.bytes.get();
}

}  // namespace dfp16::fast
