// Memory that a calling thread keeps from one product to the next: fresh pages for large operands cost more than the
// work on them.
#pragma once

#include <cstdint>

namespace dfp16::fast {

enum class Kept {
    operand,
    products,
    grouped_operand,
    grouped_second,
    vectors,
    packed_block,
    block_sums,
    grouped_result,
    sums,
    results,
    remainders,
    taps,
    norms,
    pool_sums,
    count
};

/// At least `bytes`, 64-byte aligned, with whatever was there. Valid until this thread asks for the same slot again.
void* kept_bytes(Kept slot, std::int64_t bytes);

template <typename T>
T* kept(Kept slot, std::int64_t count) {
    return static_cast<T*>(kept_bytes(slot, count * static_cast<std::int64_t>(sizeof(T))));
}

}  // namespace dfp16::fast
