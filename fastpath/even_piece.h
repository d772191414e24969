#pragma once

#include <cstdint>

namespace dfp16::fast {

/// The size of pieces of nearly equal size, as few as pieces of `most` would be.
inline std::int64_t even_piece(std::int64_t total, std::int64_t most) {
    const std::int64_t pieces = (total + most - 1) / most;
    return (total + pieces - 1) / pieces;
}

}  // namespace dfp16::fast
