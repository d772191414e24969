// Memory asked for ahead of its use: the hardware alone does not keep enough of it under way, nor see where rows that
// lie far apart go on.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// `count` mantissas. Any address will do.
inline void fetch(const std::int16_t* from, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 32) __builtin_prefetch(from + i);
}

}  // namespace dfp16::fast
