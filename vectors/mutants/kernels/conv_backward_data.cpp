// Backward-data: every pixel of dx gathers the taps whose stride reaches it; dy broadcast against weights packed in
// pairs of k for 16 input channels.
#include "vectors/mutants/kernels/conv_sizes.h"
#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"

namespace dfp16::mutants {

namespace {

template <typename T>
class BackwardData {
public:
    explicit BackwardData(const Call& call)
        : bug_(call.bug),
          sizes_(std::get<ConvParams>(call.params)),
          dy_(*call.in[0]),
          w_(*call.in[1]),
          dx_(*call.out[0]),
          tile_(call.bug, sizes_.how, dy_, w_),
          state_(call.state) {}

    void run() {
        if (bug_ == Bug::conv_backward_holes_keep_old_values) recall();
        for (std::int64_t g = 0; g < sizes_.G; ++g) {
            for (std::int64_t c = 0; c < sizes_.Cg; c += kChannelBlock) {
                pack_weights(g, c, lanes_from(c, sizes_.Cg));
                for (std::int64_t n = 0; n < sizes_.N; ++n) image(n, g, c);
            }
        }
        if (dx_.type() == ElementType::fp32) state_.last_output = dx_.fp32();
    }

private:
    /// A library writes to memory that it used before.
    void recall() {
        if (dx_.type() != ElementType::fp32) return;
        std::copy_n(state_.last_output.begin(), std::min(state_.last_output.size(), dx_.fp32().size()),
                    dx_.fp32().begin());
    }

    /// [r][s][pair of k][lane][2]
    void pack_weights(std::int64_t g, std::int64_t c, std::size_t lanes) {
        packed_.assign(static_cast<std::size_t>(sizes_.R * sizes_.S * ((sizes_.Kg + 1) / 2) * 2) * kLanes, T{0});
        for (std::int64_t k = 0; k < sizes_.Kg; ++k) {
            for (std::int64_t r = 0; r < sizes_.R; ++r) {
                for (std::int64_t s = 0; s < sizes_.S; ++s) {
                    for (std::size_t l = 0; l < lanes; ++l) {
                        const std::int64_t channel = c + static_cast<std::int64_t>(l);
                        const std::int64_t from = bug_ == Bug::conv_backward_filter_not_flipped ? sizes_.R - 1 - r : r;
                        packed_[packed_index(r, s, k / 2) + 2 * l + static_cast<std::size_t>(k % 2)] =
                            element<T>(w_, sizes_.w(g * sizes_.Kg + k, channel, from, s));
                    }
                }
            }
        }
    }

    std::size_t packed_index(std::int64_t r, std::int64_t s, std::int64_t pair) const {
        return static_cast<std::size_t>((r * sizes_.S + s) * ((sizes_.Kg + 1) / 2) + pair) * 2 * kLanes;
    }

    void image(std::int64_t n, std::int64_t g, std::int64_t c) {
        const bool rest_missing = bug_ == Bug::conv_backward_rest_rows_missing;
        const std::int64_t rows = rest_missing ? std::min(sizes_.H, (sizes_.P - 1) * sizes_.sh + 1) : sizes_.H;
        for (std::int64_t i = 0; i < rows; ++i) {
            for (std::int64_t j = 0; j < sizes_.W; ++j) {
                if (bug_ == Bug::conv_backward_holes_keep_old_values && !reached(i, j)) continue;
                tile_.start();
                for (std::int64_t k = 0; k < sizes_.Kg; k += kChannelBlock) block(n, g, k, i, j);
                const std::size_t at = sizes_.x(n, g * sizes_.Cg + c, i, j);
                tile_.store({dx_, at, static_cast<std::size_t>(sizes_.H * sizes_.W), lanes_from(c, sizes_.Cg)});
            }
        }
    }

    bool reached(std::int64_t i, std::int64_t j) const {
        for (std::int64_t r = 0; r < sizes_.R; ++r) {
            for (std::int64_t s = 0; s < sizes_.S; ++s) {
                if (output(i, r, sizes_.ph, sizes_.sh, sizes_.P) >= 0 &&
                    output(j, s, sizes_.pw, sizes_.sw, sizes_.Q) >= 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /// The row or column of dy that a tap brings; -1: none.
    std::int64_t output(std::int64_t at, std::int64_t tap, std::int64_t pad, std::int64_t stride,
                        std::int64_t outputs) const {
        const std::int64_t above = at + pad - tap;
        if (bug_ == Bug::conv_backward_stride_truncates) {
            return above < 0 || above / stride >= outputs ? -1 : above / stride;
        }
        if (above < 0 || above % stride != 0 || above / stride >= outputs) return -1;
        return above / stride;
    }

    void block(std::int64_t n, std::int64_t g, std::int64_t first, std::int64_t i, std::int64_t j) {
        for (std::int64_t r = 0; r < sizes_.R; ++r) {
            for (std::int64_t s = 0; s < sizes_.S; ++s) {
                const bool swapped = bug_ == Bug::conv_backward_pad_swapped;
                const std::int64_t p = output(i, r, swapped ? sizes_.pw : sizes_.ph, sizes_.sh, sizes_.P);
                const std::int64_t q = output(j, s, swapped ? sizes_.ph : sizes_.pw, sizes_.sw, sizes_.Q);
                tap(n, g, first, r, s, p, q);
            }
        }
    }

    void tap(std::int64_t n, std::int64_t g, std::int64_t first, std::int64_t r, std::int64_t s, std::int64_t p,
             std::int64_t q) {
        const bool inside = p >= 0 && q >= 0;
        const std::int64_t end = std::min(sizes_.Kg, first + kChannelBlock);
        const std::int64_t group = bug_ == Bug::conv_backward_group_offset_ignored ? 0 : g * sizes_.Kg;
        for (std::int64_t k = first; k < end; k += 2) {
            const bool both = k + 1 < end;
            if (bug_ == Bug::conv_backward_drops_last_odd_k && !both) break;
            const T a0 = inside ? element<T>(dy_, sizes_.y(n, group + k, p, q)) : T{0};
            const T a1 = inside && both ? element<T>(dy_, sizes_.y(n, group + k + 1, p, q)) : T{0};
            tile_.pair(a0, a1, packed_.data() + packed_index(r, s, k / 2), inside, inside && both);
        }
    }

    Bug bug_;
    ConvSizes sizes_;
    const HostTensor& dy_;
    const HostTensor& w_;
    HostTensor& dx_;
    LaneTile<T> tile_;
    KernelState& state_;
    std::vector<T> packed_;
};

}  // namespace

void conv_backward_data(const Call& call) {
    if (std::get<ConvParams>(call.params).accumulation.policy == Policy::fma) {
        BackwardData<float>(call).run();
    } else {
        BackwardData<std::int16_t>(call).run();
    }
}

}  // namespace dfp16::mutants
