#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

HostTensor rearranged(const HostTensor& tensor, const std::function<std::int64_t(std::int64_t)>& from) {
    HostTensor result = tensor;
    std::visit(
        [&](auto& values) {
            const auto& source = std::get<std::decay_t<decltype(values)>>(tensor.data);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const std::int64_t index = from(static_cast<std::int64_t>(i));
                values[i] = index < 0 ? typename std::decay_t<decltype(values)>::value_type{}
                                      : source[static_cast<std::size_t>(index)];
            }
        },
        result.data);
    return result;
}

std::int64_t stride_of(const Shape& shape, std::size_t axis) {
    std::int64_t stride = 1;
    for (std::size_t i = axis + 1; i < shape.rank(); ++i) stride *= shape[i];
    return stride;
}

namespace {

/// Along one axis: the coordinate that comes to `coordinate`, negative for a zero.
HostTensor along(const HostTensor& tensor, std::size_t axis,
                 const std::function<std::int64_t(std::int64_t coordinate, std::int64_t size)>& from) {
    const std::int64_t stride = stride_of(tensor.shape, axis);
    const std::int64_t size = tensor.shape[axis];
    return rearranged(tensor, [&](std::int64_t i) {
        const std::int64_t coordinate = i / stride % size;
        const std::int64_t source = from(coordinate, size);
        return source < 0 || source >= size ? -1 : i + (source - coordinate) * stride;
    });
}

}  // namespace

HostTensor with_neighbours_swapped(const HostTensor& tensor, std::size_t axis) {
    return along(tensor, axis, [](std::int64_t c, std::int64_t size) { return (c ^ 1) < size ? c ^ 1 : c; });
}

HostTensor with_axes_exchanged(const HostTensor& tensor, std::size_t a, std::size_t b) {
    const std::int64_t stride_a = stride_of(tensor.shape, a);
    const std::int64_t stride_b = stride_of(tensor.shape, b);
    const std::int64_t size = tensor.shape[a];
    return rearranged(tensor, [&](std::int64_t i) {
        const std::int64_t at_a = i / stride_a % size;
        const std::int64_t at_b = i / stride_b % size;
        return i + (at_b - at_a) * stride_a + (at_a - at_b) * stride_b;
    });
}

HostTensor reversed(const HostTensor& tensor, std::size_t axis) {
    return along(tensor, axis, [](std::int64_t c, std::int64_t size) { return size - 1 - c; });
}

HostTensor displaced(const HostTensor& tensor, std::size_t axis, std::int64_t by) {
    return along(tensor, axis, [by](std::int64_t c, std::int64_t) { return c - by; });
}

HostTensor zeroed_from(const HostTensor& tensor, std::size_t axis, std::int64_t first) {
    return along(tensor, axis, [first](std::int64_t c, std::int64_t) { return c < first ? c : -1; });
}

}  // namespace dfp16
