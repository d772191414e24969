#include <immintrin.h>

#include "fastpath/dot_tile/transpose_16.inc"
#include "fastpath/dot_tile/transpose_rows.inc"

namespace dfp16::fast {

namespace {

// Where memory is read once and in order, the hardware alone does not keep enough of it under way.
constexpr int kLinesAhead = 64;

std::uint32_t largest_of(__m512i magnitudes) {
    const __m256i eight =
        _mm256_max_epi32(_mm512_castsi512_si256(magnitudes), _mm512_extracti64x4_epi64(magnitudes, 1));
    const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1))));
}

// 16 sums as FP32, each rounded once.
inline __m512 sixteen_rounded(const std::int64_t* sums) {
    const __m256 low = _mm512_cvtepi64_ps(_mm512_loadu_si512(sums));
    const __m256 high = _mm512_cvtepi64_ps(_mm512_loadu_si512(sums + 8));
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

inline __m512 sixteen_rounded(const std::int32_t* sums) {
    return _mm512_cvtepi32_ps(_mm512_loadu_si512(sums));
}

// Whether a rounded sum times the scale is exact or beyond FP32: a sum that is not 0 is at least 1.
inline bool scales_exactly(double scale) {
    return scale >= 0x1p-126 && scale <= 0x1p64;
}

// Rows of whole vectors and scales without subnormal results, which most are.
template <typename Sum>
std::uint32_t finish_vectors(const FinishArguments& in) {
    const __m512 scale = _mm512_set1_ps(static_cast<float>(in.scale));
    __m512i largest = _mm512_setzero_si512();
    const auto* sums = static_cast<const Sum*>(in.sums);
    auto* out = static_cast<float*>(in.out);
    for (std::int64_t row = 0; row < in.rows; ++row, sums += in.sums_stride, out += in.out_stride) {
        for (std::int64_t i = 0; i < in.count; i += 16) {
            const __m512 results = _mm512_mul_ps(sixteen_rounded(sums + i), scale);
            const __m512i magnitudes = _mm512_and_si512(_mm512_castps_si512(results), _mm512_set1_epi32(0x7FFFFFFF));
            largest = _mm512_max_epi32(largest, magnitudes);
            if (in.stream) {
                _mm512_stream_ps(out + i, results);
            } else {
                _mm512_storeu_ps(out + i, results);
            }
        }
    }
    return largest_of(largest);
}

std::uint32_t finish_exact_16(const FinishArguments& in) {
    if (in.count % 16 != 0 || !scales_exactly(in.scale)) return finish_sums<std::int64_t>(in);
    return finish_vectors<std::int64_t>(in);
}

std::uint32_t finish_exact_short_16(const FinishArguments& in) {
    if (in.count % 16 != 0 || !scales_exactly(in.scale)) return finish_sums<std::int32_t>(in);
    return finish_vectors<std::int32_t>(in);
}

// 16 sums on their way to mantissas. Without a bias one product does for both scales, which are near enough to 1 for
// that.
template <bool kBias, bool kRelu>
class Quantizer {
public:
    Quantizer(const QuantizeArguments& in, std::int64_t first_lane)
        : from_scaled_(kBias ? 1.0f : 1.0f / in.to_mantissa),
          scale_(_mm512_set1_ps(static_cast<float>(in.scale) * (kBias ? 1.0f : in.to_mantissa))),
          to_mantissa_(_mm512_set1_ps(in.to_mantissa)),
          bias_(kBias ? _mm512_loadu_ps(in.bias + first_lane) : _mm512_setzero_ps()),
          largest_(_mm512_setzero_ps()) {}

    /// v * to_mantissa
    __m512 scaled(__m512 sum) {
        __m512 v = _mm512_mul_ps(sum, scale_);
        if (kBias) v = _mm512_add_ps(v, bias_);
        if (kRelu) v = _mm512_max_ps(v, _mm512_setzero_ps());
        constexpr int larger_magnitude = 0x0B;
        largest_ = kRelu ? _mm512_max_ps(largest_, v) : _mm512_range_ps(largest_, v, larger_magnitude);
        return kBias ? _mm512_mul_ps(v, to_mantissa_) : v;
    }
    /// Of both: bits of the largest |v|.
    std::uint32_t largest_with(const Quantizer& other) const {
        const __m512 largest = _mm512_mul_ps(_mm512_max_ps(largest_, other.largest_), _mm512_set1_ps(from_scaled_));
        return largest_of(_mm512_castps_si512(largest));
    }

private:
    float from_scaled_;
    __m512 scale_;
    __m512 to_mantissa_;
    __m512 bias_;
    __m512 largest_;
};

inline void store_remainders(__m512 scaled, std::uint8_t* out) {
    const __m512 fine = _mm512_mul_ps(scaled, _mm512_set1_ps(1 << kRemainderBits));
    const __m512i down = _mm512_cvt_roundps_epi32(fine, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __mmask16 inexact = _mm512_cmp_ps_mask(_mm512_cvtepi32_ps(down), fine, _CMP_NEQ_UQ);
    const __m512i odd = _mm512_mask_or_epi32(down, inexact, down, _mm512_set1_epi32(1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(odd));
}

/// Of one row at `place`, a multiple of 16.
class RowMask {
public:
    RowMask(const QuantizeArguments& in, std::int64_t offset)
        : mask_(in.mask == nullptr ? nullptr : in.mask + offset),
          bits_(in.mask_bits == nullptr ? nullptr : in.mask_bits + offset / 16) {}

    __m512 operator()(__m512 scaled, std::int64_t place) const {
        if (mask_ == nullptr) return scaled;
        if (bits_ != nullptr) return _mm512_maskz_mov_ps(bits_[place / 16], scaled);
        const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask_ + place));
        return _mm512_maskz_mov_ps(_mm256_cmpgt_epi16_mask(values, _mm256_setzero_si256()), scaled);
    }

private:
    const std::int16_t* mask_;
    const std::uint16_t* bits_;
};

/// Sums over the mantissas of one part of a tile, in INT32.
class Gatherer {
public:
    explicit Gatherer(bool squares) : squares_(squares) {}

    /// Two rows, as stored; their factors, if any, at factor[place].
    void add(__m512i rows, const std::int16_t* factor, std::int64_t place) {
        const __m512i pairs = _mm512_permutexvar_epi16(rows_interleaved(), rows);
        sum_ = _mm512_add_epi32(sum_, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
        if (squares_) {
            product_ = _mm512_add_epi32(product_, _mm512_madd_epi16(pairs, pairs));
            low_ = _mm512_min_epi16(low_, rows);
            high_ = _mm512_max_epi16(high_, rows);
            return;
        }
        const __m512i factors = _mm512_permutexvar_epi16(rows_interleaved(), _mm512_loadu_si512(factor + place));
        product_ = _mm512_add_epi32(product_, _mm512_madd_epi16(pairs, factors));
    }
    void add(__m256i stored, const std::int16_t* factor, std::int64_t place) {
        const __m512i row = _mm512_cvtepi16_epi32(stored);
        sum_ = _mm512_add_epi32(sum_, row);
        if (squares_) {
            product_ = _mm512_add_epi32(product_, _mm512_mullo_epi32(row, row));
            low_ = _mm512_min_epi16(low_, _mm512_broadcast_i64x4(stored));
            high_ = _mm512_max_epi16(high_, _mm512_broadcast_i64x4(stored));
            return;
        }
        const __m256i factors = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(factor + place));
        product_ = _mm512_add_epi32(product_, _mm512_mullo_epi32(row, _mm512_cvtepi16_epi32(factors)));
    }
    void add_to(BlockSums& sums) const {
        add_wide(sum_, sums.sum);
        add_wide(product_, sums.product);
        if (!squares_) return;
        auto* low = reinterpret_cast<__m256i*>(sums.low);
        auto* high = reinterpret_cast<__m256i*>(sums.high);
        _mm256_storeu_si256(
            low, _mm256_min_epi16(_mm256_loadu_si256(low),
                                  _mm256_min_epi16(_mm512_castsi512_si256(low_), _mm512_extracti64x4_epi64(low_, 1))));
        _mm256_storeu_si256(
            high, _mm256_max_epi16(_mm256_loadu_si256(high), _mm256_max_epi16(_mm512_castsi512_si256(high_),
                                                                              _mm512_extracti64x4_epi64(high_, 1))));
    }

private:
    static __m512i rows_interleaved() {
        const __m512i even = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return _mm512_or_si512(even, _mm512_slli_epi32(_mm512_add_epi32(even, _mm512_set1_epi32(16)), 16));
    }
    static void add_wide(__m512i values, std::int64_t* to) {
        const __m512i first = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(values));
        const __m512i second = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(values, 1));
        _mm512_storeu_si512(to, _mm512_add_epi64(_mm512_loadu_si512(to), first));
        _mm512_storeu_si512(to + 8, _mm512_add_epi64(_mm512_loadu_si512(to + 8), second));
    }

    bool squares_;
    __m512i sum_ = _mm512_setzero_si512();
    __m512i product_ = _mm512_setzero_si512();
    __m512i low_ = _mm512_set1_epi16(INT16_MAX);
    __m512i high_ = _mm512_set1_epi16(INT16_MIN);
};

/// kExtras: there may be a mask, or sums to gather.
template <typename Sum, bool kBias, bool kRelu, bool kExtras>
std::uint32_t quantize_vectors(const QuantizeArguments& arguments) {
    const QuantizeArguments in = arguments;
    const bool gathers = kExtras && in.gathered != nullptr;
    std::uint32_t largest = 0;
    const __m512i rows_in_order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    for (std::int64_t part = 0; part < in.parts; ++part) {
        Quantizer<kBias, kRelu> even(in, 16 * part);
        Quantizer<kBias, kRelu> odd(in, 16 * part);
        const Sum* sums = static_cast<const Sum*>(in.sums) + 16 * part;
        const RowMask masked(in, part * in.part_stride);
        std::int16_t* mantissas = in.mantissas + part * in.part_stride;
        std::uint8_t* remainders = in.remainders == nullptr ? nullptr : in.remainders + part * in.part_stride;
        const std::int16_t* factor = in.factor == nullptr ? nullptr : in.factor + part * in.part_stride;
        Gatherer gatherer(factor == nullptr);
        const bool stream = in.stream && reinterpret_cast<std::uintptr_t>(mantissas) % 64 == 0;
        std::int64_t row = 0;
        for (; row + 2 <= in.rows && in.out_stride == 16; row += 2) {  // two rows are one vector
            __m512 first = even.scaled(sixteen_rounded(sums + row * in.sums_stride));
            __m512 second = odd.scaled(sixteen_rounded(sums + (row + 1) * in.sums_stride));
            if (kExtras) {
                first = masked(first, row * 16);
                second = masked(second, (row + 1) * 16);
            }
            const __m512i both = _mm512_packs_epi32(_mm512_cvtps_epi32(first), _mm512_cvtps_epi32(second));
            const __m512i in_order = _mm512_permutexvar_epi64(rows_in_order, both);
            auto* place = reinterpret_cast<__m512i*>(mantissas + row * 16);
            if (stream) {
                _mm512_stream_si512(place, in_order);
            } else {
                _mm512_storeu_si512(place, in_order);
            }
            if (gathers) gatherer.add(in_order, factor, row * 16);
            if (remainders == nullptr) continue;
            store_remainders(first, remainders + row * 16);
            store_remainders(second, remainders + (row + 1) * 16);
        }
        for (; row < in.rows; ++row) {
            __m512 scaled = even.scaled(sixteen_rounded(sums + row * in.sums_stride));
            if (kExtras) scaled = masked(scaled, row * in.out_stride);
            const __m256i stored = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(scaled));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(mantissas + row * in.out_stride), stored);
            if (gathers) gatherer.add(stored, factor, row * in.out_stride);
            if (remainders != nullptr) store_remainders(scaled, remainders + row * in.out_stride);
        }
        if (gathers) gatherer.add_to(in.gathered[part]);
        const std::uint32_t of_part = even.largest_with(odd);
        largest = of_part > largest ? of_part : largest;
    }
    return largest;
}

void gather_tile(const GatherArguments& in) {
    for (std::int64_t part = 0; part < in.parts; ++part) {
        const std::int16_t* rows = in.mantissas + part * in.part_stride;
        const std::int16_t* factor = in.factor == nullptr ? nullptr : in.factor + part * in.part_stride;
        Gatherer gatherer(factor == nullptr);
        std::int64_t row = 0;
        for (; row + 2 <= in.rows; row += 2) gatherer.add(_mm512_loadu_si512(rows + 16 * row), factor, 16 * row);
        if (row < in.rows) {
            gatherer.add(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + 16 * row)), factor, 16 * row);
        }
        gatherer.add_to(in.gathered[part]);
    }
}

template <typename Sum, bool kBias, bool kRelu>
std::uint32_t quantize_with(const QuantizeArguments& in) {
    const bool extras = in.mask != nullptr || in.gathered != nullptr;
    return extras ? quantize_vectors<Sum, kBias, kRelu, true>(in) : quantize_vectors<Sum, kBias, kRelu, false>(in);
}

template <typename Sum>
std::uint32_t quantize_16(const QuantizeArguments& in) {
    const bool near_one =
        in.scale >= 0x1p-60 && in.scale <= 0x1p60 && in.to_mantissa >= 0x1p-60f && in.to_mantissa <= 0x1p60f;
    if (!near_one) return quantize_sums<Sum>(in);
    if (in.bias != nullptr) {
        return in.relu ? quantize_with<Sum, true, true>(in) : quantize_with<Sum, true, false>(in);
    }
    return in.relu ? quantize_with<Sum, false, true>(in) : quantize_with<Sum, false, false>(in);
}

// Two rows are one vector.
void interleave_two_rows(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int16_t* out,
                         std::int64_t out_stride) {
    alignas(64) std::int16_t order[32];
    for (int i = 0; i < 32; ++i) order[i] = static_cast<std::int16_t>(i / 2 + i % 2 * 16);
    const __m512i places = _mm512_load_si512(order);
    std::int64_t i = 0;
    for (; i + 1 < count; i += 2, rows += 2 * row_stride, out += out_stride) {
        _mm_prefetch(reinterpret_cast<const char*>(rows + 32 * kLinesAhead), _MM_HINT_T0);
        const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows));
        const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + row_stride));
        const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
        _mm512_storeu_si512(out, _mm512_permutexvar_epi16(places, both));
    }
    interleave_rows(rows, row_stride, count - i, out, out_stride);
}

// 16 taps at a time: channels are rows.
void spread_taps_16(const std::int16_t* from, std::int64_t channels, std::int64_t taps, std::int16_t* out,
                    std::int64_t out_stride) {
    for (std::int64_t first = 0; first < taps; first += 16) {
        const std::int64_t count = taps - first < 16 ? taps - first : 16;
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        __m256i r[16];
        for (std::int64_t c = 0; c < 16; ++c) {
            r[c] = _mm256_maskz_loadu_epi16(c < channels ? mask : __mmask16{0}, from + c * taps + first);
        }
        __m256i low[8];
        __m256i high[8];
        transpose_8(r, low);
        transpose_8(r + 8, high);
        for (int tap = 0; tap < 8; ++tap) {
            auto* to = out + (first + tap) * out_stride;
            if (tap < count) {
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                                    _mm256_permute2x128_si256(low[tap], high[tap], 0x20));
            }
            if (tap + 8 < count) {
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8 * out_stride),
                                    _mm256_permute2x128_si256(low[tap], high[tap], 0x31));
            }
        }
    }
}

// At most 16 rows.
void transpose_few_rows(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int64_t channels,
                        std::int16_t* out, std::int64_t out_stride) {
    constexpr int ahead = 384;
    __m256i r[16];
    for (std::int64_t i = 0; i < 16; ++i) {
        if (i % 2 == 0) _mm_prefetch(reinterpret_cast<const char*>(rows + (i + ahead) * row_stride), _MM_HINT_T0);
        r[i] = i < count ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + i * row_stride))
                         : _mm256_setzero_si256();
    }
    __m256i first[8];
    __m256i second[8];
    transpose_8(r, first);
    transpose_8(r + 8, second);
    const auto mask = static_cast<__mmask16>((1u << count) - 1);
    store_channels(first, second, channels, out, out_stride,
                   [mask](std::int16_t* to, __m256i column) { _mm256_mask_storeu_epi16(to, mask, column); });
}

void transpose_rows_16(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int64_t channels,
                       std::int16_t* out, std::int64_t out_stride) {
    transpose_by_16(rows, row_stride, count, channels, out, out_stride, transpose_few_rows);
}

void transpose_pairs_16(const std::int16_t* rows, std::int64_t row_stride, std::int64_t pairs, std::int64_t used,
                        std::int16_t* out, std::int64_t out_stride) {
    for (std::int64_t first = 0; first < pairs; first += 16) {
        const std::int64_t count = pairs - first < 16 ? pairs - first : 16;
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        __m512i r[16];
        for (std::int64_t row = 0; row < 16; ++row) {
            // Rows lie too far apart for the hardware to see where they go on.
            _mm_prefetch(reinterpret_cast<const char*>(rows + row * row_stride + 2 * first + 64), _MM_HINT_T0);
            r[row] = row < used ? _mm512_maskz_loadu_epi32(mask, rows + row * row_stride + 2 * first)
                                : _mm512_setzero_si512();
        }
        transpose_16(r);
        for (std::int64_t i = 0; i < count; ++i) _mm512_storeu_si512(out + (first + i) * out_stride, r[i]);
    }
}

void transpose_results_16(const std::uint32_t* const* rows, std::int64_t count, std::int64_t first_lane,
                          std::int64_t lanes, std::uint32_t* out, std::int64_t out_stride) {
    const auto mask = static_cast<__mmask16>((1u << lanes) - 1);
    __m512i r[16];
    for (int i = 0; i < 16; ++i) {
        r[i] = i < count ? _mm512_maskz_loadu_epi32(mask, rows[i] + first_lane) : _mm512_setzero_si512();
    }
    transpose_16(r);
    const auto written = static_cast<__mmask16>((1u << count) - 1);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        _mm512_mask_storeu_epi32(out + lane * out_stride, written, r[lane]);
    }
}

// Of two units: the largest norm of any row, in the first lane of each half.
template <bool kBySign>
inline __m512i row_norms_of_two(const RowNormArguments& in, std::int64_t first, __mmask32 there) {
    const __m512i ones = _mm512_set1_epi16(1);
    // Sums of each half's eight lanes, in all of them.
    const auto sums_of = [](__m512i pairs) {
        const __m512i twos = _mm512_add_epi32(pairs, _mm512_shuffle_epi32(pairs, _MM_PERM_BADC));
        const __m512i fours = _mm512_add_epi32(twos, _mm512_shuffle_epi32(twos, _MM_PERM_CDAB));
        return _mm512_add_epi32(fours, _mm512_shuffle_i64x2(fours, fours, 0xB1));
    };
    __m512i largest = _mm512_setzero_si512();
    for (std::int64_t c = 0; c < in.channels; ++c) {
        const __m512i v = _mm512_maskz_loadu_epi16(there, in.rows + c * in.row_stride + first);
        __m512i norm = sums_of(_mm512_madd_epi16(_mm512_abs_epi16(v), ones));
        if (kBySign) {
            const __m512i positive = sums_of(_mm512_madd_epi16(_mm512_max_epi16(v, _mm512_setzero_si512()), ones));
            norm = _mm512_max_epi32(positive, _mm512_sub_epi32(norm, positive));
        }
        largest = _mm512_max_epi32(largest, norm);
    }
    return largest;
}

template <bool kBySign>
void row_norms_by_two(const RowNormArguments& in) {
    static_assert(kRowNormUnit == 16);
    for (std::int64_t first = 0; first < in.elements; first += 32) {
        const std::int64_t count = in.elements - first < 32 ? in.elements - first : 32;
        const auto there = static_cast<__mmask32>((std::uint64_t{1} << count) - 1);
        alignas(64) std::uint32_t norms[16];
        _mm512_store_si512(norms, row_norms_of_two<kBySign>(in, first, there));
        in.norms[first / 16] = norms[0];
        if (count > 16) in.norms[first / 16 + 1] = norms[8];
    }
}

void row_norms_16(const RowNormArguments& in) {
    in.by_sign ? row_norms_by_two<true>(in) : row_norms_by_two<false>(in);
}

// A pair's magnitudes are at most 32767 each: their sum by VPMADDWD with ones.
template <bool kBySign>
std::uint32_t unit_norms_16(const NormArguments& in) {
    const __m512i ones = _mm512_set1_epi16(1);
    const __m512i zero = _mm512_setzero_si512();
    __m512i largest = zero;
    std::uint32_t* norms = in.norms;
    for (std::int64_t begin = 0; begin < in.pairs; begin += in.unit, norms += in.norm_stride) {
        const std::int64_t end = begin + in.unit < in.pairs ? begin + in.unit : in.pairs;
        __m512i sum = zero;
        __m512i positive = zero;
        for (std::int64_t i = begin; i < end; ++i) {
            const __m512i pair = _mm512_loadu_si512(in.packed + i * in.pair_stride);
            if (kBySign) {
                sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pair, ones));
                positive = _mm512_add_epi32(positive, _mm512_madd_epi16(_mm512_max_epi16(pair, zero), ones));
            } else {
                positive = _mm512_add_epi32(positive, _mm512_madd_epi16(_mm512_abs_epi16(pair), ones));
            }
        }
        _mm512_storeu_si512(norms, positive);
        largest = _mm512_max_epi32(largest, positive);
        if (!kBySign) continue;
        const __m512i negative = _mm512_sub_epi32(positive, sum);
        _mm512_storeu_si512(norms + in.norm_stride / 2, negative);
        largest = _mm512_max_epi32(largest, negative);
    }
    return largest_of(largest);
}

bool add_within_16(std::uint32_t* first, const std::uint32_t* second, std::int64_t count, std::uint32_t limit) {
    const __m512i most = _mm512_set1_epi32(static_cast<int>(limit));
    for (std::int64_t i = 0; i < count; i += 16) {
        const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(first + i), _mm512_loadu_si512(second + i));
        if (_mm512_cmpgt_epu32_mask(sum, most) != 0) return false;
    }
    for (std::int64_t i = 0; i < count; i += 16) {
        const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(first + i), _mm512_loadu_si512(second + i));
        _mm512_storeu_si512(first + i, sum);
    }
    return true;
}

constexpr VectorOps with_vectors(VectorOps ops) {
    ops.gather_tile = gather_tile;
    ops.finish_exact = finish_exact_16;
    ops.finish_exact_short = finish_exact_short_16;
    ops.quantize_exact = quantize_16<std::int64_t>;
    ops.quantize_exact_short = quantize_16<std::int32_t>;
    ops.unit_norms = unit_norms_16<false>;
    ops.unit_norms_by_sign = unit_norms_16<true>;
    ops.row_norms = row_norms_16;
    ops.add_within = add_within_16;
    ops.interleave_rows = interleave_two_rows;
    ops.spread_taps = spread_taps_16;
    ops.transpose_pairs = transpose_pairs_16;
    ops.transpose_results = transpose_results_16;
    ops.transpose_rows = transpose_rows_16;
    return ops;
}

}  // namespace

const VectorOps kVectorOpsAvx512bw = with_vectors(kOps);

}  // namespace dfp16::fast
