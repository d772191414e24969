// Sums of FP32 products as chains of fma (contract section 5, policy fma): the inner loops, compiled once for each ISA.
// 16 outputs are the lanes of a vector and several rows of them are summed side by side; a chain itself is never cut.
#pragma once

#include <cstdint>

#include "fastpath/isa.h"

namespace dfp16::fast {

constexpr int kFmaLanes = 16;

/// `count` neighbours in a row, multiplied by as many vectors of lanes.
struct FmaTap {
    std::int64_t row = 0;    ///< first element, from the row's origin
    std::int64_t lanes = 0;  ///< first vector
    std::int64_t count = 0;
};

/// sums[t][lane] = fma(rows[t][tap.row + i], lanes[tap.lanes + i][lane], sums[t][lane]), tap after tap, i by i.
struct FmaRows {
    const float* const* rows;
    const float* lanes;
    const FmaTap* taps;
    std::int64_t tap_count;
    int tile;  ///< rows
    float* sums;
};

/// sums[t][lane] = fma(broadcast[t], lanes[lane], sums[t][lane]), pixel by pixel, row by row of an image.
struct FmaPixels {
    const float* broadcast;
    std::int64_t broadcast_row;    ///< elements from a row of pixels to the next
    std::int64_t broadcast_pixel;  ///< and from a pixel
    const float* lanes;            ///< pixels of a row are neighbours
    std::int64_t lanes_row;
    std::int64_t rows;
    std::int64_t pixels;  ///< of a row
    int tile;
    float* sums;
};

struct FmaKernels {
    int largest_tile;
    void (*rows)(const FmaRows& arguments);
    void (*pixels)(const FmaPixels& arguments);
    /// to[i][lane] = from[lane * step + i], i < count.
    void (*transpose)(const float* from, std::int64_t step, std::int64_t count, float* to);
};

const FmaKernels& fma_kernels(Isa isa);

extern const FmaKernels kFmaKernelsPortable;
extern const FmaKernels kFmaKernelsAvx2;
extern const FmaKernels kFmaKernelsAvx512bw;

}  // namespace dfp16::fast
