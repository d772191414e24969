// Memory that this process and the child processes forked after it was made share, at the same address, between two
// stretches that nobody can access.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dfp16::kernel {

class SharedMemory {
public:
    static constexpr std::size_t kGuard = std::size_t{1} << 20;  // bytes at either end; address space, no memory

    SharedMemory() = default;
    /// At least `bytes`, whole pages, zeros. Throws std::bad_alloc.
    explicit SharedMemory(std::size_t bytes);
    ~SharedMemory();
    SharedMemory(SharedMemory&& other) noexcept;
    SharedMemory& operator=(SharedMemory&& other) noexcept;

    unsigned char* begin() const { return begin_; }
    unsigned char* end() const { return begin_ + bytes_; }
    std::size_t bytes() const { return bytes_; }
    /// Whether the address lies in the memory or in one of its guards.
    bool near(std::uintptr_t address) const;
    /// From now on this process can only read it.
    void make_read_only() const;

private:
    unsigned char* begin_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace dfp16::kernel
