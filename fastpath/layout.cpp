#include "fastpath/layout.h"

namespace dfp16::fast {

namespace {

std::int64_t rest(const Shape& shape, std::size_t from) {
    std::int64_t product = 1;
    for (std::size_t i = from; i < shape.rank(); ++i) product *= shape[i];
    return product;
}

}  // namespace

Layout Layout::plain(const Shape& shape) {
    return {false, shape[0], rest(shape, 1), 1};
}

Layout Layout::blocked_channels(const Shape& shape) {
    return {true, shape[0], shape.rank() > 1 ? shape[1] : 1, rest(shape, 2)};
}

Layout Layout::blocked_rows(const Shape& shape) {
    return {true, shape[0], rest(shape, 1), 1};
}

std::int64_t Layout::logical_index(std::int64_t position) const {
    if (!blocked) return position;
    const std::int64_t lane = position % kBlock;
    const std::int64_t pixel = position / kBlock % HW;
    const std::int64_t plane = position / kBlock / HW;
    const std::int64_t channel = plane % blocks() * kBlock + lane;
    return channel < C ? (plane / blocks() * C + channel) * HW + pixel : -1;
}

}  // namespace dfp16::fast
