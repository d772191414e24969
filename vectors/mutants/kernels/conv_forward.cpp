// Forward convolution: each image with its border in a buffer that the library keeps, weights packed in pairs of
// channels for 16 outputs, one tile of accumulators a pixel.
#include "vectors/mutants/kernels/conv_sizes.h"
#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"

namespace dfp16::mutants {

namespace {

std::vector<std::int16_t>& padded_buffer(KernelState& state, std::int16_t) {
    return state.padded_int16;
}
std::vector<float>& padded_buffer(KernelState& state, float) {
    return state.padded_fp32;
}

template <typename T>
class Forward {
public:
    explicit Forward(const Call& call)
        : bug_(call.bug),
          sizes_(std::get<ConvParams>(call.params)),
          x_(*call.in[0]),
          w_(*call.in[1]),
          y_(*call.out[0]),
          tile_(call.bug, sizes_.how, x_, w_),
          padded_(padded_buffer(call.state, T{})) {
        if (bug_ == Bug::conv_forward_stride_swapped) std::swap(sizes_.sh, sizes_.sw);
        if (bug_ == Bug::conv_forward_pad_swapped) std::swap(sizes_.ph, sizes_.pw);
        height_ = sizes_.H + 2 * sizes_.ph;
        width_ = sizes_.W + 2 * sizes_.pw;
    }

    void run() {
        for (std::int64_t g = 0; g < sizes_.G; ++g) {
            for (std::int64_t k = 0; k < sizes_.Kg; k += kChannelBlock) {
                pack_weights(g * sizes_.Kg + k, lanes_from(k, sizes_.Kg));
                for (std::int64_t n = 0; n < sizes_.N; ++n) {
                    pack_image(n, bug_ == Bug::conv_forward_group_offset_ignored ? 0 : g);
                    convolve(n, g * sizes_.Kg + k, lanes_from(k, sizes_.Kg));
                }
            }
        }
    }

private:
    std::int64_t padded_channels() const { return (sizes_.Cg + 1) / 2 * 2; }

    /// [r][s][pair of channels][lane][2], zeros where there is no channel.
    void pack_weights(std::int64_t k, std::size_t lanes) {
        const std::int64_t channels = padded_channels();
        packed_.assign(static_cast<std::size_t>(sizes_.R * sizes_.S * channels) * kLanes, T{0});
        for (std::size_t l = 0; l < lanes; ++l) {
            for (std::int64_t c = 0; c < sizes_.Cg; ++c) {
                for (std::int64_t r = 0; r < sizes_.R; ++r) {
                    for (std::int64_t s = 0; s < sizes_.S; ++s) {
                        packed_[packed_index(r, s, c / 2) + 2 * l + static_cast<std::size_t>(c % 2)] =
                            element<T>(w_, weight(k + static_cast<std::int64_t>(l), c, r, s));
                    }
                }
            }
        }
    }

    std::size_t weight(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) const {
        if (bug_ == Bug::conv_forward_filter_flipped) return sizes_.w(k, c, sizes_.R - 1 - r, sizes_.S - 1 - s);
        const std::size_t filter = sizes_.w(k, c, 0, 0);
        if (bug_ == Bug::conv_forward_filter_transposed) return filter + static_cast<std::size_t>(s * sizes_.R + r);
        return filter + static_cast<std::size_t>(r * sizes_.S + s);
    }

    std::size_t packed_index(std::int64_t r, std::int64_t s, std::int64_t pair) const {
        return static_cast<std::size_t>((r * sizes_.S + s) * padded_channels() / 2 + pair) * 2 * kLanes;
    }

    /// [channel][row][column] with the border.
    void pack_image(std::int64_t n, std::int64_t g) {
        const auto size = static_cast<std::size_t>(padded_channels() * height_ * width_);
        if (bug_ == Bug::conv_forward_border_not_cleared) {
            if (padded_.size() < size) padded_.resize(size);
        } else {
            padded_.assign(size, T{0});
        }
        for (std::int64_t c = 0; c < sizes_.Cg; ++c) {
            for (std::int64_t h = 0; h < sizes_.H; ++h) {
                for (std::int64_t w = 0; w < sizes_.W; ++w) {
                    padded_[padded_index(c, h + sizes_.ph, w + sizes_.pw)] =
                        element<T>(x_, sizes_.x(n, g * sizes_.Cg + c, h, w));
                }
            }
        }
    }

    std::size_t padded_index(std::int64_t c, std::int64_t h, std::int64_t w) const {
        return static_cast<std::size_t>((c * height_ + h) * width_ + w);
    }

    void convolve(std::int64_t n, std::int64_t k, std::size_t lanes) {
        const bool no_tail = bug_ == Bug::conv_forward_last_columns_missing && sizes_.Q > 4;
        const std::int64_t columns = no_tail ? sizes_.Q / 4 * 4 : sizes_.Q;
        for (std::int64_t p = 0; p < sizes_.P; ++p) {
            for (std::int64_t q = 0; q < columns; ++q) {
                tile_.start();
                if (bug_ == Bug::conv_forward_channels_innermost) {
                    all_taps(p, q, 0, sizes_.Cg);
                } else {
                    for (std::int64_t c = 0; c < sizes_.Cg; c += kChannelBlock) {
                        all_taps(p, q, c, std::min(sizes_.Cg, c + kChannelBlock));
                    }
                }
                tile_.store({y_, sizes_.y(n, k, p, q), static_cast<std::size_t>(sizes_.P * sizes_.Q), lanes});
            }
        }
    }

    void all_taps(std::int64_t p, std::int64_t q, std::int64_t first, std::int64_t end) {
        for (std::int64_t r = 0; r < sizes_.R; ++r) {
            for (std::int64_t s = 0; s < sizes_.S; ++s) tap(p, q, r, s, first, end);
        }
    }

    void tap(std::int64_t p, std::int64_t q, std::int64_t r, std::int64_t s, std::int64_t first, std::int64_t end) {
        const std::int64_t h = std::min(p * sizes_.sh + r, height_ - 1);
        const std::int64_t w = std::min(q * sizes_.sw + s, width_ - 1);
        const bool inside = h >= sizes_.ph && h < sizes_.ph + sizes_.H && w >= sizes_.pw && w < sizes_.pw + sizes_.W;
        for (std::int64_t c = first; c < end; c += 2) {
            const bool both = c + 1 < end;
            if (bug_ == Bug::conv_forward_drops_last_odd_channel && !both) break;
            tile_.pair(padded_[padded_index(c, h, w)], padded_[padded_index(c + 1, h, w)],
                       packed_.data() + packed_index(r, s, c / 2), inside, inside && both);
        }
    }

    Bug bug_;
    ConvSizes sizes_;
    const HostTensor& x_;
    const HostTensor& w_;
    HostTensor& y_;
    LaneTile<T> tile_;
    std::vector<T>& padded_;
    std::vector<T> packed_;
    std::int64_t height_ = 0;
    std::int64_t width_ = 0;
};

}  // namespace

void conv_forward(const Call& call) {
    if (std::get<ConvParams>(call.params).accumulation.policy == Policy::fma) {
        Forward<float>(call).run();
    } else {
        Forward<std::int16_t>(call).run();
    }
}

}  // namespace dfp16::mutants
