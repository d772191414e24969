// Batch norm in AVX-512: the loops of batch_norm_kernel.h, 16 channels a vector, sums by pairs of pixels.
#pragma once

#include "fastpath/elementwise/batch_norm_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

/// FP32 factors, one a channel, times a power of two.
struct Scaled {
    __m512 factors;
    /// Whether sums of INT16 times factors, or of factors, come out times that power, bit for bit: INT16 times the
    /// power is within FP32, and all factors are zero or moderate, so that a sum is zero or a normal number, a multiple
    /// of the least unit among its terms.
    bool exact;
};

/// Lanes within [2^-100, 2^100).
inline __mmask16 moderate(__m512 v) {
    const __m512i magnitude = _mm512_castps_si512(_mm512_abs_ps(v));
    return _mm512_cmplt_epu32_mask(_mm512_sub_epi32(magnitude, _mm512_set1_epi32(27 << 23)),
                                   _mm512_set1_epi32(200 << 23));
}

inline Scaled scaled(__m512 factors, float power) {
    const __m512 product = _mm512_mul_ps(factors, _mm512_set1_ps(power));
    const __mmask16 zeros = _mm512_cmp_ps_mask(factors, _mm512_setzero_ps(), _CMP_EQ_OQ);
    const auto fit = static_cast<__mmask16>(moderate(factors) & moderate(product));
    return {product, power <= 0x1p112f && static_cast<__mmask16>(zeros | fit) == 0xFFFF};
}

inline __m512 values_of(const std::int16_t* m) {
    return _mm512_cvtepi32_ps(pixel_of(m));
}

/// Two pixels at a time, `scale` and `shift` times to.scale. Gives how many are done.
template <bool kStream>
std::int64_t affine_by_two(const std::int16_t* x, std::int64_t pixels, __m512 scale, __m512 shift, bool relu,
                           const ToMantissas& to, std::int16_t* y) {
    const Bounds bounds(to.limit, relu);
    std::uint16_t* const positive = to.positive;
    std::int64_t p = 0;
    for (; p + 2 <= pixels; p += 2, x += 2 * kLanes, y += 2 * kLanes) {
        fetch_ahead(x);
        const __m512 first = _mm512_fmadd_ps(values_of(x), scale, shift);
        const __m512 second = _mm512_fmadd_ps(values_of(x + kLanes), scale, shift);
        const __m512i mantissas = bounds(two_pixels(_mm512_cvtps_epi32(first), _mm512_cvtps_epi32(second)));
        store_two<kStream>(y, mantissas);
        if (positive != nullptr) store_positive(positive + p, mantissas);
    }
    return p;
}

template <bool kRelu>
void affine_to_mantissas_16(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale,
                            const float* shift, const ToMantissas& to, std::int16_t* y) {
    const __m512 of_x = _mm512_set1_ps(x_scale);
    const __m512 scales = _mm512_loadu_ps(scale);
    const __m512 shifts = _mm512_loadu_ps(shift);
    const __m512 to_mantissa = _mm512_set1_ps(to.scale);
    std::int64_t p = 0;
    const Scaled factors = scaled(scales, x_scale);
    const Scaled scaled_factors = scaled(factors.factors, to.scale);
    const Scaled scaled_shifts = scaled(shifts, to.scale);
    if (factors.exact && scaled_factors.exact && scaled_shifts.exact) {
        p = (to.stream && begins_line(y)
                 ? affine_by_two<true>
                 : affine_by_two<false>)(x, pixels, scaled_factors.factors, scaled_shifts.factors, kRelu, to, y);
    }
    for (; p < pixels; ++p) {
        const __m512 value = _mm512_mul_ps(values_of(x + p * kLanes), of_x);
        __m512 v = _mm512_fmadd_ps(value, scales, shifts);
        if (kRelu) v = _mm512_max_ps(v, _mm512_setzero_ps());
        const __m256i mantissas =
            store_clamped(y + p * kLanes, _mm512_cvtps_epi32(_mm512_mul_ps(v, to_mantissa)), to.limit);
        if (to.positive != nullptr) to.positive[p] = positive_of(mantissas);
    }
}

void affine_to_mantissas_vectors(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale,
                                 const float* shift, bool relu, const ToMantissas& to, std::int16_t* y) {
    relu ? affine_to_mantissas_16<true>(x, x_scale, pixels, scale, shift, to, y)
         : affine_to_mantissas_16<false>(x, x_scale, pixels, scale, shift, to, y);
}

/// Factors of BatchNormGradient for integers, all times ToMantissas::scale.
struct GradientFactors {
    __m512 a, b, c;
    bool exact;

    GradientFactors(const BatchNormGradient& gradient, float to_mantissa) {
        const Scaled of_dy = scaled(_mm512_loadu_ps(gradient.a), gradient.dy_scale);
        const Scaled of_x = scaled(_mm512_loadu_ps(gradient.b), gradient.x_scale);
        const Scaled first = scaled(of_dy.factors, to_mantissa);
        const Scaled second = scaled(of_x.factors, to_mantissa);
        const Scaled third = scaled(_mm512_loadu_ps(gradient.c), to_mantissa);
        a = first.factors;
        b = second.factors;
        c = third.factors;
        exact = of_dy.exact && of_x.exact && first.exact && second.exact && third.exact;
    }

    __m512 operator()(const std::int16_t* dy, const std::int16_t* x) const {
        return _mm512_fmadd_ps(values_of(dy), a, _mm512_fmadd_ps(values_of(x), b, c));
    }
};

struct GradientDone {
    std::int64_t pixels;
    __m512 largest;  ///< magnitudes, times ToMantissas::scale
};

/// Two pixels at a time.
template <bool kStream>
GradientDone gradient_by_two(const BatchNormGradient& gradient, std::int64_t pixels, const GradientFactors& factors,
                             const ToMantissas& to, std::int16_t* dx) {
    const GradientFactors value = factors;
    const Bounds bounds(to.limit, false);
    const std::int16_t* dy = gradient.dy;
    const std::int16_t* x = gradient.x;
    __m512 largest = _mm512_setzero_ps();
    std::int64_t p = 0;
    for (; p + 2 <= pixels; p += 2, dy += 2 * kLanes, x += 2 * kLanes, dx += 2 * kLanes) {
        fetch_ahead(dy);
        fetch_ahead(x);
        const __m512 first = value(dy, x);
        const __m512 second = value(dy + kLanes, x + kLanes);
        largest = _mm512_max_ps(largest, _mm512_max_ps(_mm512_abs_ps(first), _mm512_abs_ps(second)));
        store_two<kStream>(dx, bounds(two_pixels(_mm512_cvtps_epi32(first), _mm512_cvtps_epi32(second))));
    }
    return {p, largest};
}

std::uint32_t batch_norm_gradient_to_mantissas_vectors(const BatchNormGradient& gradient, std::int64_t pixels,
                                                       const ToMantissas& to, std::int16_t* dx) {
    const __m512 a = _mm512_loadu_ps(gradient.a);
    const __m512 b = _mm512_loadu_ps(gradient.b);
    const __m512 c = _mm512_loadu_ps(gradient.c);
    const __m512 dy_scale = _mm512_set1_ps(gradient.dy_scale);
    const __m512 x_scale = _mm512_set1_ps(gradient.x_scale);
    const __m512 to_mantissa = _mm512_set1_ps(to.scale);
    GradientDone done{0, _mm512_setzero_ps()};
    const GradientFactors factors(gradient, to.scale);
    if (factors.exact) {
        done = (to.stream && begins_line(dx) ? gradient_by_two<true> : gradient_by_two<false>)(gradient, pixels,
                                                                                               factors, to, dx);
    }
    __m512i largest = _mm512_castps_si512(_mm512_div_ps(done.largest, to_mantissa));
    for (std::int64_t p = done.pixels; p < pixels; ++p) {
        const __m512 dy_value = _mm512_mul_ps(values_of(gradient.dy + p * kLanes), dy_scale);
        const __m512 x_value = _mm512_mul_ps(values_of(gradient.x + p * kLanes), x_scale);
        const __m512 v = _mm512_fmadd_ps(dy_value, a, _mm512_fmadd_ps(x_value, b, c));
        largest = _mm512_max_epi32(largest, _mm512_castps_si512(_mm512_abs_ps(v)));
        store_clamped(dx + p * kLanes, _mm512_cvtps_epi32(_mm512_mul_ps(v, to_mantissa)), to.limit);
    }
    return static_cast<std::uint32_t>(_mm512_reduce_max_epi32(largest));
}

/// INT32 sums of pairs of pixels, as four pixels and their neighbours make them: low and high halves of the lanes.
struct PairSums {
    __m512i low = _mm512_setzero_si512();
    __m512i high = _mm512_setzero_si512();

    /// One value a channel, in their order. Modulo 2^32.
    __m512i by_channel() const {
        // Quarters of `low`: channels 0 to 3, 8 to 11, and the same of the pixel behind; of `high`, 4 to 7, 12 to 15.
        const __m512i first = _mm512_shuffle_i32x4(low, high, 0x44);   // low 0, low 1, high 0, high 1
        const __m512i second = _mm512_shuffle_i32x4(low, high, 0xEE);  // low 2, low 3, high 2, high 3
        const __m512i sum = _mm512_add_epi32(first, second);
        return _mm512_shuffle_i32x4(sum, sum, 0xD8);
    }
};

/// Products in two halves, which INT32 holds for 32768 of them: upper, signed, and lower.
struct HalfSums {
    PairSums upper, lower;

    void add(__m512i low, __m512i high) {
        const __m512i lower_half = _mm512_set1_epi32(0xFFFF);
        upper.low = _mm512_add_epi32(upper.low, _mm512_srai_epi32(low, 16));
        upper.high = _mm512_add_epi32(upper.high, _mm512_srai_epi32(high, 16));
        lower.low = _mm512_add_epi32(lower.low, _mm512_and_si512(low, lower_half));
        lower.high = _mm512_add_epi32(lower.high, _mm512_and_si512(high, lower_half));
    }
};

inline void add_to_sums(std::int64_t* sums, __m512i values) {
    for (int half = 0; half < 2; ++half, sums += 8) {
        const __m256i eight = half == 0 ? _mm512_castsi512_si256(values) : _mm512_extracti64x4_epi64(values, 1);
        _mm512_storeu_si512(sums, _mm512_add_epi64(_mm512_loadu_si512(sums), _mm512_cvtepi32_epi64(eight)));
    }
}

inline void add_to_sums(std::int64_t* sums, __m512i upper, __m512i lower) {
    for (int half = 0; half < 2; ++half, sums += 8) {
        const __m256i above = half == 0 ? _mm512_castsi512_si256(upper) : _mm512_extracti64x4_epi64(upper, 1);
        const __m256i below = half == 0 ? _mm512_castsi512_si256(lower) : _mm512_extracti64x4_epi64(lower, 1);
        const __m512i value =
            _mm512_add_epi64(_mm512_slli_epi64(_mm512_cvtepi32_epi64(above), 16), _mm512_cvtepi32_epi64(below));
        _mm512_storeu_si512(sums, _mm512_add_epi64(_mm512_loadu_si512(sums), value));
    }
}

/// Four pixels as pairs of the first and the third, the second and the fourth.
struct FourPixels {
    __m512i first, second;  ///< two pixels each
    explicit FourPixels(const std::int16_t* m) : first(_mm512_loadu_si512(m)), second(_mm512_loadu_si512(m + 32)) {}
    __m512i low() const { return _mm512_unpacklo_epi16(first, second); }
    __m512i high() const { return _mm512_unpackhi_epi16(first, second); }
};

/// Pixels whose half sums fit INT32.
constexpr std::int64_t kVectorSpill = 4 * 8192;

struct Extremes {
    __m512i low, high;  ///< of even pixels and of odd ones

    explicit Extremes(const BlockSums& sums)
        : low(_mm512_broadcast_i64x4(channels(sums.low))), high(_mm512_broadcast_i64x4(channels(sums.high))) {}
    static __m256i channels(const std::int16_t* pixel) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pixel));
    }
    template <bool kBoth>
    void include(__m512i two) {
        low = _mm512_min_epi16(low, two);
        if (kBoth) high = _mm512_max_epi16(high, two);
    }
    __m256i lowest() const { return _mm256_min_epi16(_mm512_castsi512_si256(low), _mm512_extracti64x4_epi64(low, 1)); }
    __m256i highest() const {
        return _mm256_max_epi16(_mm512_castsi512_si256(high), _mm512_extracti64x4_epi64(high, 1));
    }
};

/// At most kVectorSpill pixels, four at a time, then one by one: sums of m, of m * n (squares of m if kSquares), and
/// m's extremes (if not, the least only).
template <bool kSquares>
void add_products(const std::int16_t* m, const std::int16_t* n, std::int64_t pixels, std::int64_t* sums,
                  std::int64_t* products, Extremes& extremes) {
    const __m512i ones = _mm512_set1_epi16(1);
    PairSums sum;
    HalfSums product;
    std::int64_t p = 0;
    for (; p + 4 <= pixels; p += 4) {
        const FourPixels of_m(m + p * kLanes);
        extremes.include<kSquares>(of_m.first);
        extremes.include<kSquares>(of_m.second);
        const __m512i low = of_m.low();
        const __m512i high = of_m.high();
        sum.low = _mm512_add_epi32(sum.low, _mm512_madd_epi16(low, ones));
        sum.high = _mm512_add_epi32(sum.high, _mm512_madd_epi16(high, ones));
        if (kSquares) {
            product.add(_mm512_madd_epi16(low, low), _mm512_madd_epi16(high, high));
        } else {
            fetch_ahead(n + p * kLanes);
            fetch_ahead(n + (p + 2) * kLanes);
            const FourPixels of_n(n + p * kLanes);
            product.add(_mm512_madd_epi16(low, of_n.low()), _mm512_madd_epi16(high, of_n.high()));
        }
    }
    __m512i rest = sum.by_channel();
    __m512i upper = product.upper.by_channel();
    __m512i lower = product.lower.by_channel();
    for (; p < pixels; ++p) {
        extremes.include<kSquares>(_mm512_broadcast_i64x4(Extremes::channels(m + p * kLanes)));
        const __m512i v = pixel_of(m + p * kLanes);
        const __m512i q = _mm512_mullo_epi32(v, pixel_of(n + p * kLanes));
        rest = _mm512_add_epi32(rest, v);
        upper = _mm512_add_epi32(upper, _mm512_srai_epi32(q, 16));
        lower = _mm512_add_epi32(lower, _mm512_and_si512(q, _mm512_set1_epi32(0xFFFF)));
    }
    add_to_sums(sums, rest);
    add_to_sums(products, upper, lower);
}

/// Only pairs of -32768 leave INT32.
inline bool may_leave_int32(const Extremes& extremes) {
    return _mm512_cmpeq_epi16_mask(extremes.low, _mm512_set1_epi16(INT16_MIN)) != 0;
}

/// kSquares: n is m, and there are extremes.
template <bool kSquares>
void add_block_vectors(const std::int16_t* m, const std::int16_t* n, std::int64_t pixels, BlockSums* sums) {
    const auto store = [](std::int16_t* to, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); };
    for (; pixels > 0; pixels -= kVectorSpill, m += kVectorSpill * kLanes, n += kVectorSpill * kLanes) {
        const std::int64_t count = pixels < kVectorSpill ? pixels : kVectorSpill;
        BlockSums of_part = {};
        Extremes extremes(of_part);
        add_products<kSquares>(m, n, count, of_part.sum, of_part.product, extremes);
        if (may_leave_int32(extremes)) {
            add_block<kSquares>(m, n, count, sums);
            continue;
        }
        for (int c = 0; c < kLanes; ++c) {
            sums->sum[c] += of_part.sum[c];
            sums->product[c] += of_part.product[c];
        }
        if (!kSquares) continue;
        store(sums->low, _mm256_min_epi16(Extremes::channels(sums->low), extremes.lowest()));
        store(sums->high, _mm256_max_epi16(Extremes::channels(sums->high), extremes.highest()));
    }
}

void block_products_vectors(const std::int16_t* m, const std::int16_t* factor, std::int64_t pixels, BlockSums* sums) {
    add_block_vectors<false>(m, factor, pixels, sums);
}

void block_sums_vectors(const std::int16_t* m, std::int64_t pixels, BlockSums* sums) {
    add_block_vectors<true>(m, m, pixels, sums);
}

}  // namespace
}  // namespace dfp16::fast
