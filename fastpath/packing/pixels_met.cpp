#include "fastpath/packing/pixels_met.h"

#include <algorithm>

namespace dfp16::fast {

void copy_pixels_met(ThreadPool& pool, const ConvParams& conv, std::int64_t planes, const std::int16_t* x,
                     std::int16_t* met) {
    pool.parallel_for(planes, [&](std::int64_t plane, int) {
        std::int16_t* to = met + plane * conv.P * conv.Q * 16;
        for (std::int64_t p = 0; p < conv.P; ++p) {
            const std::int16_t* from = x + (plane * conv.H + p * conv.stride[0]) * conv.W * 16;
            for (std::int64_t q = 0; q < conv.Q; ++q, from += conv.stride[1] * 16, to += 16) std::copy_n(from, 16, to);
        }
    });
}

}  // namespace dfp16::fast
