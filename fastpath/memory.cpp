#include "fastpath/memory.h"

#include <cstring>
#include <new>

namespace dfp16::fast {

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(aligned_size(bytes)) {
    if (size_ == 0) return;
    bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size_)));
    if (!bytes_) throw std::bad_alloc();
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
