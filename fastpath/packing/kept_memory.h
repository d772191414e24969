// Memory that a calling thread keeps from one product to the next: fresh pages for large operands cost more than the
// work on them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dfp16::fast {

enum class Kept {
    operand,
    products,
    grouped_operand,
    grouped_second,
    pixels_met,
    vectors,
    packed_block,
    block_sums,
    grouped_result,
    sums,
    results,
    remainders,
    taps,
    norms,
    unit_norms,
    gathered,
    pool_sums,
    count
};

/// At least `bytes`, 64-byte aligned, with whatever was there. Valid until this thread asks for the same slot again.
void* kept_bytes(Kept slot, std::int64_t bytes);

template <typename T>
T* kept(Kept slot, std::int64_t count) {
    return static_cast<T*>(kept_bytes(slot, count * static_cast<std::int64_t>(sizeof(T))));
}

/// Bytes between what two threads write, so that what a core fetches ahead is not what another one writes. A page is
/// measured not to be enough.
inline constexpr std::int64_t kApart = 65536;

/// `count` elements for each of some threads, kept apart; of no elements null.
template <typename T>
class KeptParts {
public:
    KeptParts(Kept slot, std::int64_t parts, std::int64_t count)
        : stride_(count == 0 ? 0 : (count * static_cast<std::int64_t>(sizeof(T)) + 63) / 64 * 64 + kApart),
          bytes_(kept<std::byte>(slot, parts * stride_)) {}

    /// Elements from one part to the next.
    std::int64_t stride() const { return stride_ / static_cast<std::int64_t>(sizeof(T)); }
    T* operator[](std::int64_t part) const { return reinterpret_cast<T*>(bytes_ + part * stride_); }

private:
    std::int64_t stride_;
    std::byte* bytes_;
};

}  // namespace dfp16::fast
