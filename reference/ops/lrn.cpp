#include "reference/ops/lrn.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/ops/planes.h"
#include "reference/ops/value.h"
#include "sim/accumulate.h"
#include "sim/rn32.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// The channels begin .. end - 1 of the window around one.
struct Window {
    std::size_t begin, end;
    Window(const LrnParams& lrn, std::size_t channels, std::size_t c) {
        const auto reach = static_cast<std::size_t>(lrn.size / 2);
        begin = c < reach ? 0 : c - reach;
        end = std::min(channels, c + reach + 1);
    }
};

float scale_of_squares(const LrnParams& lrn) {
    return lrn.alpha / static_cast<float>(lrn.size);
}

/// s of one element.
float sum_of_squares(const LrnParams& lrn, const HostTensor& x, const Planes& planes, std::size_t n, std::size_t c,
                     std::size_t pixel) {
    const Window window(lrn, planes.C, c);
    std::int64_t S = 0;
    for (std::size_t channel = window.begin; channel < window.end; ++channel) {
        const std::int64_t m = x.mantissas()[planes.first(n, channel) + pixel].value;
        S += m * m;
    }
    try {
        return rn32(std::fma(scale_of_squares(lrn), scale_exact(S, 2 * x.exponent.value), lrn.k));
    } catch (const InputError& error) {
        throw InputError("element " + std::to_string(planes.first(n, c) + pixel) + ": " + error.what());
    }
}

/// s^0.75.
float divisor(float s) {
    return std::sqrt(s) * std::sqrt(std::sqrt(s));
}

}  // namespace

void lrn_forward(const LrnParams& lrn, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    const Planes planes(x.shape);
    for_each_plane(context, planes.N * planes.C, [&](std::size_t plane) {
        const std::size_t n = plane / planes.C;
        const std::size_t c = plane % planes.C;
        for (std::size_t pixel = 0; pixel < planes.pixels; ++pixel) {
            const std::size_t i = planes.first(n, c) + pixel;
            y.fp32()[i] = value_of(x, i) / divisor(sum_of_squares(lrn, x, planes, n, c, pixel));
        }
    });
}

void lrn_backward(const LrnParams& lrn, const HostTensor& x, const HostTensor& dy, HostTensor& dx,
                  GoldenContext& context) {
    const Planes planes(x.shape);
    const float b = 1.5f * scale_of_squares(lrn);
    for_each_plane(context, planes.N, [&](std::size_t n) {
        std::vector<float> d(planes.C);
        std::vector<float> t(planes.C);
        for (std::size_t pixel = 0; pixel < planes.pixels; ++pixel) {
            for (std::size_t c = 0; c < planes.C; ++c) {
                const std::size_t i = planes.first(n, c) + pixel;
                const float s = sum_of_squares(lrn, x, planes, n, c, pixel);
                d[c] = divisor(s);
                t[c] = (value_of(dy, i) * value_of(x, i)) / (d[c] * s);
            }
            for (std::size_t c = 0; c < planes.C; ++c) {
                const std::size_t i = planes.first(n, c) + pixel;
                const Window window(lrn, planes.C, c);
                float u = 0.0f;
                for (std::size_t channel = window.begin; channel < window.end; ++channel) u = u + t[channel];
                dx.fp32()[i] = std::fma(-(b * value_of(x, i)), u, value_of(dy, i) / d[c]);
            }
        }
    });
}

}  // namespace dfp16
