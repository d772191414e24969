#pragma once

#include "fastpath/elementwise/kernel_table.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

inline PoolPlane pool_plane(const PoolParams& p) {
    return {p.H, p.W, p.R, p.S, p.P, p.Q, p.stride[0], p.stride[1], p.pad[0], p.pad[1]};
}

}  // namespace dfp16::fast
