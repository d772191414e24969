#include "fastpath/layout_conversion.h"

#include <algorithm>
#include <stdexcept>

#include "fastpath/elementwise/tiles.h"

namespace dfp16::fast {

namespace {

/// One image's row to its blocks of 16 channels.
template <typename Element>
void block_image(const Element* row, const Layout& layout, Element* image) {
    for (std::int64_t block = 0; block < layout.blocks(); ++block) {
        const std::int64_t lanes = std::min(kBlock, layout.C - block * kBlock);
        Element* plane = image + block * layout.HW * kBlock;
        if (lanes < kBlock) std::fill_n(plane, layout.HW * kBlock, Element{});
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const Element* channel = row + (block * kBlock + lane) * layout.HW;
            for (std::int64_t pixel = 0; pixel < layout.HW; ++pixel) plane[pixel * kBlock + lane] = channel[pixel];
        }
    }
}

template <typename Element>
void unblock_image(const Element* image, const Layout& layout, Element* row) {
    for (std::int64_t c = 0; c < layout.C; ++c) {
        const Element* plane = image + c / kBlock * layout.HW * kBlock + c % kBlock;
        Element* channel = row + c * layout.HW;
        for (std::int64_t pixel = 0; pixel < layout.HW; ++pixel) channel[pixel] = plane[pixel * kBlock];
    }
}

template <typename Element>
void convert_image(const Layout& from, const Element* source, const Layout& to, Element* target) {
    if (from.rows() && to.rows()) {
        std::copy_n(source, from.row_elements(), target);
    } else if (from.rows()) {
        block_image(source, to, target);
    } else if (to.rows()) {
        unblock_image(source, from, target);
    } else {
        throw std::logic_error("layouts that no operation asks for");
    }
    if (to.rows()) std::fill(target + to.row_elements(), target + to.row_stride(), Element{});
}

template <typename Element>
void convert(ThreadPool& pool, const Tensor& from, const Tensor& to) {
    const auto* source = reinterpret_cast<const Element*>(from.data);
    auto* target = reinterpret_cast<Element*>(to.data);
    if (from.layout == to.layout) {
        for_ranges(pool, from.layout.elements(), kParallelElements,
                   [&](std::int64_t first, std::int64_t end, std::int64_t) {
                       std::copy(source + first, source + end, target + first);
                   });
        return;
    }
    const std::int64_t images = from.layout.N;
    const std::int64_t from_image = from.layout.elements() / images;
    const std::int64_t to_image = to.layout.elements() / images;
    for_ranges(pool, images, std::max<std::int64_t>(1, kParallelElements / to_image),
               [&](std::int64_t first, std::int64_t end, std::int64_t) {
                   for (std::int64_t n = first; n < end; ++n) {
                       convert_image(from.layout, source + n * from_image, to.layout, target + n * to_image);
                   }
               });
}

}  // namespace

void convert_layout(ThreadPool& pool, const Tensor& from, const Tensor& to) {
    switch (from.type) {
        case ElementType::mantissa: return convert<std::int16_t>(pool, from, to);
        case ElementType::fp32: return convert<float>(pool, from, to);
        case ElementType::accumulator:
        case ElementType::label: return convert<std::int32_t>(pool, from, to);
    }
}

}  // namespace dfp16::fast
