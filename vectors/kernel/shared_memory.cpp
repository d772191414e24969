#include "vectors/kernel/shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace dfp16::kernel {

SharedMemory::SharedMemory(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    bytes_ = (bytes + page - 1) / page * page;
    void* whole = mmap(nullptr, bytes_ + 2 * kGuard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (whole == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<unsigned char*>(whole) + kGuard;
    constexpr int kFlags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(begin_, bytes_, PROT_READ | PROT_WRITE, kFlags, -1, 0) == MAP_FAILED) {
        munmap(whole, bytes_ + 2 * kGuard);
        throw std::bad_alloc();
    }
}

SharedMemory::~SharedMemory() {
    if (begin_ != nullptr) munmap(begin_ - kGuard, bytes_ + 2 * kGuard);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

bool SharedMemory::near(std::uintptr_t address) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(begin_);
    return begin_ != nullptr && address >= begin - kGuard && address < begin + bytes_ + kGuard;
}

void SharedMemory::make_read_only() const {
    mprotect(begin_, bytes_, PROT_READ);
}

}  // namespace dfp16::kernel
