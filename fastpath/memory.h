// Memory for tensors: aligned to cache lines and vectors.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <deque>
#include <memory>

namespace dfp16::fast {

inline constexpr std::size_t kAlignment = 64;

constexpr std::size_t aligned_size(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Bytes that start at a multiple of 64, uninitialized, for std::free(). From `large` on they ask for large pages: what
/// streams through tensors misses the tables of small ones.
std::byte* allocate(std::size_t bytes, std::size_t large = kLargePage / 2);

/// Zeroed bytes that start at a multiple of 64.
class AlignedBuffer {
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t bytes);

    std::byte* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }

private:
    struct Free {
        void operator()(std::byte* bytes) const { std::free(bytes); }
    };
    std::unique_ptr<std::byte, Free> bytes_;
    std::size_t size_ = 0;
};

/// Memory that lasts for one operation and is kept for the next.
class Workspace {
public:
    /// Uninitialized, unless just allocated.
    std::byte* take(std::size_t bytes);
    void release_all() { taken_ = 0; }

private:
    std::deque<AlignedBuffer> buffers_;
    std::size_t taken_ = 0;
};

}  // namespace dfp16::fast
