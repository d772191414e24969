// Concatenation along channels (contract section 8, without alignment).
#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

namespace {

/// Calls body(part, first element of an image's channels in the part, the same in the whole, elements).
template <typename Body>
void for_channels_of_parts(const Call& call, const Shape& whole, const Body& body) {
    const auto& channels = call.params<ConcatParams>().channels;
    const Planes planes(whole);
    call.pool.parallel_for(planes.N, [&](std::int64_t n, int) {
        std::int64_t offset = n * planes.C * planes.pixels;
        for (std::size_t part = 0; part < channels.size(); ++part) {
            const std::int64_t count = channels[part] * planes.pixels;
            body(part, n * count, offset, count);
            offset += count;
        }
    });
}

}  // namespace

void concat_forward(const Call& call) {
    float* y = call.output(0);
    for_channels_of_parts(call, call.tensors[call.operation.outputs[0]].shape,
                          [&](std::size_t part, std::int64_t from, std::int64_t to, std::int64_t count) {
                              std::copy_n(call.input(part) + from, count, y + to);
                          });
}

void concat_backward(const Call& call) {
    const float* dy = call.input(0);
    for_channels_of_parts(call, call.input_tensor(0).shape,
                          [&](std::size_t part, std::int64_t to, std::int64_t from, std::int64_t count) {
                              std::copy_n(dy + from, count, call.output(part) + to);
                          });
}

}  // namespace dfp16::fp32
