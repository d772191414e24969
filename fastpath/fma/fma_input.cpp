#include "fastpath/fma/fma_input.h"

namespace dfp16::fast {

namespace {

void pack_few_channels(const Activation& shape, std::int64_t image, const float* blocked, float* packed) {
    const std::int64_t pixels = shape.H * shape.W;
    const std::int64_t channels = shape.group_channels();
    for (std::int64_t c = 0; c < shape.C; ++c) {
        const float* from = blocked + ((image * ((shape.C + 15) / 16) + c / 16) * pixels) * 16 + c % 16;
        float* to = packed + (image * shape.groups + c / channels) * pixels * channels + c % channels;
        for (std::int64_t pixel = 0; pixel < pixels; ++pixel) to[pixel * channels] = from[pixel * 16];
    }
}

}  // namespace

FmaInput fma_input(ThreadPool& pool, const Activation& shape, const float* blocked, Kept slot) {
    if (shape.group_channels() >= 16) {
        float* grouped = shape.aligned() ? nullptr : kept<float>(slot, shape.grouped_elements());
        return {group_channels(pool, shape, blocked, grouped), 16};
    }
    auto* packed = kept<float>(slot, shape.N * shape.C * shape.H * shape.W);
    pool.parallel_for(shape.N, [&](std::int64_t image, int) { pack_few_channels(shape, image, blocked, packed); });
    return {packed, shape.group_channels()};
}

}  // namespace dfp16::fast
