// FP32 activations as the chains of a convolution read them: what a window meets in one row lies side by side.
#pragma once

#include <cstdint>

#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

/// [N][groups][blocks of a group][H][W][pixel].
struct FmaInput {
    const float* data = nullptr;
    std::int64_t pixel = 16;  ///< elements: 16, or a group's channels where they are fewer
};

/// The blocked tensor itself, or a copy in the kept memory of `slot`.
FmaInput fma_input(ThreadPool& pool, const Activation& shape, const float* blocked, Kept slot);

}  // namespace dfp16::fast
