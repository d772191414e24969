// Weight gradient: a row of dy, two pixels at a time, against the same two of 16 input channels.
#include <array>

#include "vectors/mutants/kernels/conv_sizes.h"
#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"

namespace dfp16::mutants {

namespace {

template <typename T>
class WeightGradient {
public:
    explicit WeightGradient(const Call& call)
        : bug_(call.bug),
          sizes_(std::get<ConvParams>(call.params)),
          x_(*call.in[0]),
          dy_(*call.in[1]),
          dw_(*call.out[0]),
          tile_(call.bug, sizes_.how, dy_, x_) {}

    void run() {
        for (std::int64_t k = 0; k < sizes_.K; ++k) {
            for (std::int64_t c = 0; c < sizes_.Cg; c += kChannelBlock) {
                for (std::int64_t r = 0; r < sizes_.R; ++r) {
                    for (std::int64_t s = 0; s < sizes_.S; ++s) output(k, c, r, s);
                }
            }
        }
    }

private:
    void output(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) {
        tile_.start();
        const bool image_missing = bug_ == Bug::weight_gradient_last_image_missing && sizes_.N > 1;
        const bool row_missing = bug_ == Bug::weight_gradient_last_row_missing && sizes_.P > 1;
        for (std::int64_t n = 0; n < sizes_.N - (image_missing ? 1 : 0); ++n) {
            if (bug_ == Bug::weight_gradient_pairs_across_rows) {
                pixels(n, k, c, r, s, 0, sizes_.P * sizes_.Q);
            } else {
                const std::int64_t rows = sizes_.P - (row_missing ? 1 : 0);
                for (std::int64_t p = 0; p < rows; ++p) pixels(n, k, c, r, s, p * sizes_.Q, (p + 1) * sizes_.Q);
            }
            tile_.end_image();
        }
        tile_.store(
            {dw_, sizes_.w(k, c, r, s), static_cast<std::size_t>(sizes_.R * sizes_.S), lanes_from(c, sizes_.Cg)});
    }

    /// Pixels of dy from `first` to `end`, two by two.
    void pixels(std::int64_t n, std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s, std::int64_t first,
                std::int64_t end) {
        const std::int64_t plane = sizes_.P * sizes_.Q;
        for (std::int64_t pixel = first; pixel < end; pixel += 2) {
            const bool odd = pixel + 1 >= end;
            const bool second = bug_ == Bug::weight_gradient_odd_row_reads_on ? pixel + 1 < plane : !odd;
            const bool use0 = load(n, k, c, r, s, pixel, 0);
            const bool use1 = second && load(n, k, c, r, s, pixel + 1, 1);
            const T a0 = element<T>(dy_, sizes_.y(n, k, 0, 0) + static_cast<std::size_t>(pixel));
            const T a1 = second ? element<T>(dy_, sizes_.y(n, k, 0, 0) + static_cast<std::size_t>(pixel) + 1) : T{0};
            if (!use1) clear(1);
            tile_.pair(a0, a1, b_.data(), use0, use1);
        }
    }

    void clear(std::size_t half) {
        for (std::size_t l = 0; l < kLanes; ++l) b_[2 * l + half] = T{0};
    }

    /// x of 16 channels beside one pixel of dy; whether it is not padding.
    bool load(std::int64_t n, std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s, std::int64_t pixel,
              std::size_t half) {
        clear(half);
        const bool swapped = bug_ == Bug::weight_gradient_stride_swapped;
        const std::int64_t h = pixel / sizes_.Q * (swapped ? sizes_.sw : sizes_.sh) - sizes_.ph + r;
        const std::int64_t w = pixel % sizes_.Q * (swapped ? sizes_.sh : sizes_.sw) - sizes_.pw + s;
        const bool below = bug_ == Bug::weight_gradient_bottom_unchecked ? h < sizes_.H + sizes_.ph : h < sizes_.H;
        if (h < 0 || !below || w < 0 || w >= sizes_.W) return false;
        const std::int64_t group = bug_ == Bug::weight_gradient_group_offset_ignored ? 0 : k / sizes_.Kg * sizes_.Cg;
        const std::size_t lanes = lanes_from(c, sizes_.Cg);
        for (std::size_t l = 0; l < lanes; ++l) {
            const std::size_t at = sizes_.x(n, group + c + static_cast<std::int64_t>(l), h, w);
            b_[2 * l + half] = at < size_of(x_) ? element<T>(x_, at) : T{0};
        }
        return true;
    }

    Bug bug_;
    ConvSizes sizes_;
    const HostTensor& x_;
    const HostTensor& dy_;
    HostTensor& dw_;
    LaneTile<T> tile_;
    std::array<T, 2 * kLanes> b_{};
};

}  // namespace

void conv_weight_gradient(const Call& call) {
    if (std::get<ConvParams>(call.params).accumulation.policy == Policy::fma) {
        WeightGradient<float>(call).run();
    } else {
        WeightGradient<std::int16_t>(call).run();
    }
}

}  // namespace dfp16::mutants
