#include "fastpath/packing/group_channels.h"

#include <algorithm>

namespace dfp16::fast {

namespace {

// Calls copy(blocked index, grouped index) for pixel 0 of each channel of one image.
template <typename Copy>
void for_each_channel(const Activation& shape, std::int64_t image, Copy copy) {
    const std::int64_t pixels = shape.H * shape.W;
    const std::int64_t image_blocks = (shape.C + 15) / 16;
    for (std::int64_t channel = 0; channel < shape.C; ++channel) {
        const std::int64_t group = channel / shape.group_channels();
        const std::int64_t within = channel % shape.group_channels();
        const std::int64_t block = (image * shape.groups + group) * shape.group_blocks() + within / 16;
        copy((image * image_blocks + channel / 16) * pixels * 16 + channel % 16, block * pixels * 16 + within % 16);
    }
}

template <typename T>
void copy_channel(const T* from, T* to, std::int64_t pixels) {
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) to[16 * pixel] = from[16 * pixel];
}

}  // namespace

template <typename Element>
const Element* group_channels(ThreadPool& pool, const Activation& shape, const Element* blocked, Element* grouped) {
    if (shape.aligned()) return blocked;
    const std::int64_t image_elements = shape.grouped_elements() / shape.N;
    pool.parallel_for(shape.N, [&](std::int64_t image, int) {
        std::fill_n(grouped + image * image_elements, image_elements, Element{});
        for_each_channel(shape, image, [&](std::int64_t from, std::int64_t to) {
            copy_channel(blocked + from, grouped + to, shape.H * shape.W);
        });
    });
    return grouped;
}

template <typename Element>
void ungroup_channels(ThreadPool& pool, const Activation& shape, const Element* grouped, Element* blocked) {
    const std::int64_t image_elements = shape.blocked_elements() / shape.N;
    pool.parallel_for(shape.N, [&](std::int64_t image, int) {
        std::fill_n(blocked + image * image_elements, image_elements, Element{});
        for_each_channel(shape, image, [&](std::int64_t to, std::int64_t from) {
            copy_channel(grouped + from, blocked + to, shape.H * shape.W);
        });
    });
}

template const std::int16_t* group_channels(ThreadPool&, const Activation&, const std::int16_t*, std::int16_t*);
template const float* group_channels(ThreadPool&, const Activation&, const float*, float*);
template void ungroup_channels(ThreadPool&, const Activation&, const std::uint32_t*, std::uint32_t*);
template void ungroup_channels(ThreadPool&, const Activation&, const float*, float*);

}  // namespace dfp16::fast
