// Results that bypass the caches: where those do not keep them until someone reads them, reading each line before it is
// written, and writing it back later, would be for nothing.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// From how many bytes on a result bypasses the caches.
std::int64_t streamed_bytes();

/// Whether a result does; it must begin a cache line. Who writes it issues a fence at the end.
inline bool streams(const void* result, std::int64_t bytes) {
    return bytes >= streamed_bytes() && reinterpret_cast<std::uintptr_t>(result) % 64 == 0;
}

/// Has results of the whole process stream from other sizes on while it lives, for tests: they see both ways with small
/// ones. One at a time.
class StreamFrom {
public:
    explicit StreamFrom(std::int64_t bytes);
    ~StreamFrom();
    StreamFrom(const StreamFrom&) = delete;
    StreamFrom& operator=(const StreamFrom&) = delete;

private:
    std::int64_t before_;
};

}  // namespace dfp16::fast
