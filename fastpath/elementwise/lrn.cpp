#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/tiles.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kInfinity = 0x7F800000u;
constexpr std::int64_t kPixels = 64;  // of a piece of work

LrnImage image_of(const Tensor& x, const LrnParams& params) {
    LrnImage image{};
    image.channels = x.layout.C;
    image.blocks = x.layout.blocks();
    image.block_step = x.layout.HW * kBlock;
    image.reach = std::min((params.size - 1) / 2, x.layout.C - 1);
    image.a = params.alpha / static_cast<float>(params.size);
    image.b = 1.5f * image.a;
    image.k = params.k;
    image.x_scale = std::ldexp(1.0f, x.exponent);
    image.square_scale = std::ldexp(1.0, 2 * x.exponent);
    return image;
}

/// Elements of a pixel with zeros on both sides, as the kernels take them.
std::size_t buffer_size(const LrnImage& image) {
    return static_cast<std::size_t>(image.blocks * kBlock + 2 * image.reach);
}

/// Calls body(offset, pixels, squares, terms), which gives the largest s as bits, for all pixels of all images; gives
/// whether every s is finite. `offset`: of the pixels in the first block of their image.
template <typename Body>
bool for_pixels(const Execution& execution, const Layout& layout, const LrnImage& image, const Body& body) {
    const std::int64_t pieces = (layout.HW + kPixels - 1) / kPixels;
    const std::int64_t grain =
        std::max<std::int64_t>(1, kParallelElements / 8 / (std::min(kPixels, layout.HW) * image.blocks * kBlock));
    std::atomic<bool> beyond{false};
    for_ranges(execution.pool, layout.N * pieces, grain, [&](std::int64_t first, std::int64_t end, std::int64_t) {
        std::vector<double> squares(buffer_size(image), 0.0);
        std::vector<float> terms(buffer_size(image), 0.0f);
        for (std::int64_t piece = first; piece < end; ++piece) {
            const std::int64_t pixel = piece % pieces * kPixels;
            const std::int64_t offset = piece / pieces * image.blocks * image.block_step + pixel * kBlock;
            if (body(offset, std::min(kPixels, layout.HW - pixel), squares.data(), terms.data()) >= kInfinity) {
                beyond = true;
            }
        }
    });
    return !beyond;
}

/// Throws InputError for the first element of `result` whose s is not finite.
[[noreturn]] void throw_beyond_fp32(const Tensor& x, const LrnImage& image, const Tensor& result) {
    for (std::int64_t i = 0;; ++i) {
        const std::int64_t pixel = i % x.layout.HW;
        const std::int64_t channel = i / x.layout.HW % image.channels;
        const std::int64_t n = i / x.layout.HW / image.channels;
        double sum = 0.0;
        for (std::int64_t c = std::max<std::int64_t>(0, channel - image.reach);
             c <= std::min(image.channels - 1, channel + image.reach); ++c) {
            const double m =
                x.mantissas()[(n * image.blocks + c / kBlock) * image.block_step + pixel * kBlock + c % kBlock];
            sum += m * m;
        }
        if (!std::isfinite(std::fma(image.a, static_cast<float>(sum * image.square_scale), image.k))) {
            throw InputError(message_at(result, i, "sum of squares beyond FP32"));
        }
    }
}

}  // namespace

void lrn_forward(const Execution& execution, const Tensor& x, const LrnParams& params, Tensor& y) {
    const LrnImage image = image_of(x, params);
    const bool finite =
        for_pixels(execution, x.layout, image, [&](std::int64_t offset, std::int64_t pixels, double* squares, float*) {
            return execution.kernels.lrn_forward(image, x.mantissas() + offset, pixels, squares, y.fp32() + offset);
        });
    if (!finite) throw_beyond_fp32(x, image, y);
}

void lrn_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const LrnParams& params, Tensor& dx) {
    reject_beyond_fp32(dy, [](std::int64_t) { return true; });
    LrnImage image = image_of(x, params);
    image.dy_scale = std::ldexp(1.0f, dy.exponent);
    const bool finite = for_pixels(
        execution, x.layout, image, [&](std::int64_t offset, std::int64_t pixels, double* squares, float* terms) {
            return execution.kernels.lrn_backward(image, x.mantissas() + offset, dy.mantissas() + offset, pixels,
                                                  squares, terms, dx.fp32() + offset);
        });
    if (!finite) throw_beyond_fp32(x, image, dx);
}

}  // namespace dfp16::fast
