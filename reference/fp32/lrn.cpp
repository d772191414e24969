// Local response normalization across channels (contract section 8).
#include <cmath>

#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

namespace {

enum Slot : std::size_t { kTerms, kPlane };

/// Channels [first, end) of the window of channel c.
struct ChannelWindow {
    std::int64_t first, end;
    ChannelWindow(std::int64_t c, std::int64_t size, std::int64_t channels)
        : first(std::max<std::int64_t>(c - size / 2, 0)), end(std::min(c + size / 2 + 1, channels)) {}
};

/// s = k + alpha / n * (sum of x^2 over the window) for the pixels of channel c; x is one image.
void write_scale(const LrnParams& lrn, const Planes& planes, std::int64_t c, const float* x, float* s) {
    const float a = lrn.alpha / static_cast<float>(lrn.size);
    const ChannelWindow window(c, lrn.size, planes.C);
    std::fill_n(s, planes.pixels, 0.0f);
    for (std::int64_t other = window.first; other < window.end; ++other) {
        const float* plane = x + other * planes.pixels;
        for (std::int64_t i = 0; i < planes.pixels; ++i) s[i] += plane[i] * plane[i];
    }
    for (std::int64_t i = 0; i < planes.pixels; ++i) s[i] = a * s[i] + lrn.k;
}

/// s^0.75
float divisor_of(float s) {
    const float root = std::sqrt(s);
    return root * std::sqrt(root);
}

}  // namespace

void lrn_forward(const Call& call) {
    const auto& lrn = call.params<LrnParams>();
    const Planes planes(call.input_tensor(0).shape);
    const std::int64_t image = planes.C * planes.pixels;
    call.pool.parallel_for(planes.N, [&](std::int64_t n, int) {
        const float* x = call.input(0) + n * image;
        float* y = call.output(0) + n * image;
        for (std::int64_t c = 0; c < planes.C; ++c, y += planes.pixels) {
            write_scale(lrn, planes, c, x, y);
            const float* plane = x + c * planes.pixels;
            for (std::int64_t i = 0; i < planes.pixels; ++i) y[i] = plane[i] / divisor_of(y[i]);
        }
    });
}

void lrn_backward(const Call& call) {
    const auto& lrn = call.params<LrnParams>();
    const Planes planes(call.input_tensor(0).shape);
    const std::int64_t image = planes.C * planes.pixels;
    const float b = 1.5f * (lrn.alpha / static_cast<float>(lrn.size));
    call.pool.parallel_for(planes.N, [&](std::int64_t n, int thread) {
        const float* x = call.input(0) + n * image;
        const float* dy = call.input(1) + n * image;
        float* dx = call.output(0) + n * image;
        float* terms = call.scratch.of_thread(thread, kTerms, image);  // dy * x / s^1.75
        float* plane = call.scratch.of_thread(thread, kPlane, planes.pixels);
        for (std::int64_t c = 0; c < planes.C; ++c) {
            write_scale(lrn, planes, c, x, plane);
            const std::int64_t first = c * planes.pixels;
            for (std::int64_t i = 0; i < planes.pixels; ++i) {
                const float s = plane[i];
                const float d = divisor_of(s);
                dx[first + i] = dy[first + i] / d;
                terms[first + i] = dy[first + i] * x[first + i] / (d * s);
            }
        }
        for (std::int64_t c = 0; c < planes.C; ++c) {
            const ChannelWindow window(c, lrn.size, planes.C);
            std::fill_n(plane, planes.pixels, 0.0f);
            for (std::int64_t other = window.first; other < window.end; ++other) {
                const float* term = terms + other * planes.pixels;
                for (std::int64_t i = 0; i < planes.pixels; ++i) plane[i] += term[i];
            }
            const std::int64_t first = c * planes.pixels;
            for (std::int64_t i = 0; i < planes.pixels; ++i) dx[first + i] -= b * x[first + i] * plane[i];
        }
    });
}

}  // namespace dfp16::fp32
