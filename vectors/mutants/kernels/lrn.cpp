// LRN with a sliding sum of squares over the channels.
#include <algorithm>
#include <cmath>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"
#include "vectors/mutants/kernels/planes.h"

namespace dfp16::mutants {

namespace {

class Normalizer {
public:
    Normalizer(const Call& call, const LrnParams& p, const HostTensor& x)
        : bug_(call.bug), p_(p), x_(x), sizes_(x.shape), reach_(static_cast<std::size_t>(p.size / 2)) {
        a_ = p.alpha / static_cast<float>(p.size);
        if (bug_ == Bug::lrn_alpha_not_divided) a_ = p.alpha;
    }

    /// s of all channels of one pixel.
    std::vector<float> sums(std::size_t n, std::size_t pixel) const {
        std::vector<float> s(sizes_.C);
        std::int64_t sliding = 0;
        for (std::size_t c = 0; c < std::min(reach_, sizes_.C); ++c) sliding += square(n, c, pixel);
        for (std::size_t c = 0; c < sizes_.C; ++c) {
            const bool enters = c + reach_ < sizes_.C;
            if (enters) sliding += square(n, c + reach_, pixel);
            if (c > reach_) sliding -= square(n, c - reach_ - 1, pixel);
            const float squares = scaled(sliding, 2 * x_.exponent.value);
            s[c] = bug_ == Bug::lrn_not_fused ? a_ * squares + p_.k : std::fma(a_, squares, p_.k);
        }
        return s;
    }

    float divisor(float s) const {
        if (bug_ == Bug::lrn_power_by_pow) return static_cast<float>(std::pow(static_cast<double>(s), 0.75));
        return std::sqrt(s) * std::sqrt(std::sqrt(s));
    }
    float divide(float value, float s) const {
        if (bug_ == Bug::lrn_multiplies_by_reciprocal) return value * (1.0f / divisor(s));
        return value / divisor(s);
    }

    /// Sum of t over the window, ascending.
    float window_sum(const std::vector<float>& t, std::size_t c) const {
        const std::size_t first = c < reach_ ? 0 : c - reach_;
        const std::size_t end = std::min(t.size(), c + reach_ + 1);
        float u = 0.0f;
        if (bug_ == Bug::lrn_backward_sums_downward) {
            for (std::size_t i = end; i > first; --i) u = u + t[i - 1];
        } else {
            for (std::size_t i = first; i < end; ++i) u = u + t[i];
        }
        return u;
    }
    float value(const HostTensor& tensor, std::size_t i) const {
        return scaled(int16_at(tensor, i), tensor.exponent.value);
    }
    float b() const { return 1.5f * a_; }
    const PlaneSizes& sizes() const { return sizes_; }

private:
    std::int64_t square(std::size_t n, std::size_t c, std::size_t pixel) const {
        if (bug_ == Bug::lrn_last_channel_left_out && c + 1 == sizes_.C && sizes_.C > reach_ + 1) return 0;
        const std::int64_t m = int16_at(x_, sizes_.at(n, c, pixel));
        return m * m;
    }

    Bug bug_;
    const LrnParams& p_;
    const HostTensor& x_;
    PlaneSizes sizes_;
    std::size_t reach_;
    float a_;
};

}  // namespace

void lrn_forward(const Call& call) {
    const HostTensor& x = *call.in[0];
    const Normalizer lrn(call, std::get<LrnParams>(call.params), x);
    for (std::size_t n = 0; n < lrn.sizes().N; ++n) {
        for (std::size_t pixel = 0; pixel < lrn.sizes().pixels; ++pixel) {
            const std::vector<float> s = lrn.sums(n, pixel);
            for (std::size_t c = 0; c < s.size(); ++c) {
                const std::size_t i = lrn.sizes().at(n, c, pixel);
                call.out[0]->fp32()[i] = lrn.divide(lrn.value(x, i), s[c]);
            }
        }
    }
}

void lrn_backward(const Call& call) {
    const HostTensor& x = *call.in[0];
    const HostTensor& dy = *call.in[1];
    const Normalizer lrn(call, std::get<LrnParams>(call.params), x);
    for (std::size_t n = 0; n < lrn.sizes().N; ++n) {
        for (std::size_t pixel = 0; pixel < lrn.sizes().pixels; ++pixel) {
            const std::vector<float> s = lrn.sums(n, pixel);
            std::vector<float> t(s.size());
            for (std::size_t c = 0; c < s.size(); ++c) {
                const std::size_t i = lrn.sizes().at(n, c, pixel);
                t[c] = lrn.value(dy, i) * lrn.value(x, i) / (lrn.divisor(s[c]) * s[c]);
            }
            for (std::size_t c = 0; c < s.size(); ++c) {
                const std::size_t i = lrn.sizes().at(n, c, pixel);
                call.out[0]->fp32()[i] =
                    std::fma(-(lrn.b() * lrn.value(x, i)), lrn.window_sum(t, c), lrn.divide(lrn.value(dy, i), s[c]));
            }
        }
    }
}

}  // namespace dfp16::mutants
