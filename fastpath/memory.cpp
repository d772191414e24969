#include "fastpath/memory.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace dfp16::fast {

std::byte* allocate(std::size_t bytes, std::size_t large) {
    const std::size_t size = aligned_size(bytes);
    const bool pages = size >= large;
    void* memory = std::aligned_alloc(pages ? kLargePage : kAlignment,
                                      pages ? (size + kLargePage - 1) / kLargePage * kLargePage : size);
    if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (pages)
        madvise(memory, (size + kLargePage - 1) / kLargePage * kLargePage, MADV_HUGEPAGE);  // no more than a wish
#endif
    return static_cast<std::byte*>(memory);
}

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(aligned_size(bytes)) {
    if (size_ == 0) return;
    bytes_.reset(allocate(size_));
    std::memset(bytes_.get(), 0, size_);
}

std::byte* Workspace::take(std::size_t bytes) {
    if (taken_ == buffers_.size()) buffers_.emplace_back();
    AlignedBuffer& buffer = buffers_[taken_++];
    if (buffer.size() < bytes) {
        buffer = AlignedBuffer();
        buffer = AlignedBuffer(bytes);
    }
    return buffer.data();
}

}  // namespace dfp16::fast
