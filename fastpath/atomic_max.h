#pragma once

#include <atomic>
#include <cstdint>

namespace dfp16::fast {

/// largest = max(largest, value), whoever else does the same.
inline void raise_to(std::atomic<std::uint32_t>& largest, std::uint32_t value) {
    for (std::uint32_t known = largest; known < value && !largest.compare_exchange_weak(known, value);) {
    }
}

}  // namespace dfp16::fast
