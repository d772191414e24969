#include <immintrin.h>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/dot_tile/transpose_16.inc"

namespace dfp16::fast {

namespace {

// Palette 1: every tile of 16 rows of 64 bytes (SDM volume 1, chapter 18).
struct alignas(64) TileConfiguration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// In memory for good: GCC 12 takes it that only the first bytes are read, and drops stores to the others.
constexpr TileConfiguration kConfiguration;

void start_tiles() {
    _tile_loadconfig(&kConfiguration);
}

void end_tiles() {
    _tile_release();
}

// Tiles 0 to 3: sums; 4 and 5: rows, 6 and 7: vectors, high and low.
void sum_tile(const ByteTileArguments& in, ByteProducts& products) {
    if (in.goes_on) {
        _tile_loadd(0, products.sums[0], 64);
        _tile_loadd(1, products.sums[1], 64);
        _tile_loadd(2, products.sums[2], 64);
        _tile_loadd(3, products.sums[3], 64);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    const std::uint8_t* vectors = in.vectors;
    for (std::int64_t i = 0; i < in.steps; ++i, vectors += in.vectors_step) {
        const std::uint8_t* rows = in.rows + (in.offsets != nullptr ? in.offsets[i] : i * in.rows_step);
        _tile_loadd(4, rows, in.row_stride);
        _tile_loadd(6, vectors, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_loadd(5, rows + in.rows_low, in.row_stride);
        _tile_dpbusd(1, 5, 6);
        _tile_loadd(7, vectors + in.vectors_low, 64);
        _tile_dpbsud(2, 4, 7);
        _tile_dpbuud(3, 5, 7);
    }
    _tile_stored(0, products.sums[0], 64);
    _tile_stored(1, products.sums[1], 64);
    _tile_stored(2, products.sums[2], 64);
    _tile_stored(3, products.sums[3], 64);
}

struct RowProducts {
    RowProducts(const ByteProducts& products, int row)
        : high(_mm512_load_si512(products.sums[0][row])),
          middle(_mm512_add_epi32(_mm512_load_si512(products.sums[1][row]), _mm512_load_si512(products.sums[2][row]))),
          low(_mm512_load_si512(products.sums[3][row])) {}

    __m512i high, middle, low;
};

// A sum lies from 2^16 top to below 2^16 (top + 2).
bool combine_short(const ByteProducts& products, const std::uint8_t* rows, std::int64_t count, std::int32_t* sums) {
    constexpr int least = -32768;
    constexpr int most = 32765;
    __m512i largest = _mm512_setzero_si512();
    for (std::int64_t i = 0; i < count; ++i) {
        const RowProducts row(products, rows[i]);
        const __m512i high = _mm512_add_epi32(_mm512_slli_epi32(row.high, 16), _mm512_slli_epi32(row.middle, 8));
        _mm512_storeu_si512(sums + kByteTileLanes * i, _mm512_add_epi32(high, row.low));
        const __m512i carried = _mm512_add_epi32(_mm512_srai_epi32(row.middle, 8), _mm512_srai_epi32(row.low, 16));
        const __m512i top = _mm512_add_epi32(row.high, carried);
        largest = _mm512_max_epu32(largest, _mm512_sub_epi32(top, _mm512_set1_epi32(least)));
    }
    return _mm512_cmpgt_epu32_mask(largest, _mm512_set1_epi32(most - least)) == 0;
}

inline __m512i half_of(__m512i values, int which) {
    return _mm512_cvtepi32_epi64(which == 0 ? _mm512_castsi512_si256(values) : _mm512_extracti64x4_epi64(values, 1));
}

// Lanes 8 * which to 8 * which + 7.
inline __m512i wide(const RowProducts& row, int which) {
    const __m512i high = _mm512_slli_epi64(half_of(row.high, which), 16);
    const __m512i middle = _mm512_slli_epi64(half_of(row.middle, which), 8);
    return _mm512_add_epi64(_mm512_add_epi64(high, middle), half_of(row.low, which));
}

void combine(const ByteProducts& products, const std::uint8_t* rows, std::int64_t count, std::int64_t* sums) {
    for (std::int64_t i = 0; i < count; ++i, sums += kByteTileLanes) {
        const RowProducts row(products, rows[i]);
        for (int which = 0; which < 2; ++which) _mm512_storeu_si512(sums + 8 * which, wide(row, which));
    }
}

void add_products(const ByteProducts& products, std::int64_t* sums) {
    for (int i = 0; i < kByteTileRows; ++i, sums += kByteTileLanes) {
        const RowProducts row(products, i);
        for (int which = 0; which < 2; ++which) {
            const __m512i before = _mm512_loadu_si512(sums + 8 * which);
            _mm512_storeu_si512(sums + 8 * which, _mm512_add_epi64(before, wide(row, which)));
        }
    }
}

// Of 64 INT16 in two vectors, the high bytes (or the low ones) side by side.
inline __m512i bytes_of(__m512i first, __m512i second, int odd) {
    alignas(64) std::uint8_t places[64];
    for (int i = 0; i < 64; ++i) places[i] = static_cast<std::uint8_t>(2 * i + odd);
    return _mm512_permutex2var_epi8(first, _mm512_load_si512(places), second);
}

constexpr std::int16_t kZeros[16] = {};

/// 16 channels of every so manieth pixel.
struct PixelReader {
    PixelReader(const std::int16_t* block, std::int64_t pixel_step)
        : at(block == nullptr ? kZeros : block), step(block == nullptr ? 0 : pixel_step) {}

    __m256i next() {
        const __m256i pixel = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        at += step;
        return pixel;
    }

    const std::int16_t* at;
    std::int64_t step;
};

// 64 bytes at a time: 64 / pixel_bytes pixels.
void split_whole(const SplitPixels& in) {
    const std::int64_t blocks = in.pixel_bytes / 16;
    const std::int64_t together = 4 / blocks;
    const auto reader = [&](std::int64_t i) {
        const std::int16_t* block = in.blocks[i % blocks];
        return PixelReader(block == nullptr ? nullptr : block + i / blocks * in.step, together * in.step);
    };
    PixelReader a = reader(0);
    PixelReader b = reader(1);
    PixelReader c = reader(2);
    PixelReader d = reader(3);
    const std::int64_t low = in.low;
    std::uint8_t* out = in.high;
    for (std::int64_t i = in.count; i > 0; i -= together, out += 64) {
        const __m512i first = _mm512_inserti64x4(_mm512_castsi256_si512(a.next()), b.next(), 1);
        const __m512i second = _mm512_inserti64x4(_mm512_castsi256_si512(c.next()), d.next(), 1);
        _mm512_storeu_si512(out, bytes_of(first, second, 1));
        _mm512_storeu_si512(out + low, bytes_of(first, second, 0));
    }
}

// The last pixels, if fewer, by a copy: nothing behind them is read.
void split_pixels(const SplitPixels& in) {
    const std::int64_t together = 64 / in.pixel_bytes;
    const std::int64_t rest = in.count % together;
    SplitPixels whole = in;
    whole.count = in.count - rest;
    split_whole(whole);
    if (rest == 0) return;
    alignas(64) std::int16_t copies[4][4 * 16] = {};
    SplitPixels last = in;
    last.count = together;
    last.step = 16;
    last.high = in.high + whole.count * in.pixel_bytes;
    for (std::int64_t block = 0; block < in.pixel_bytes / 16; ++block) {
        if (in.blocks[block] == nullptr) continue;
        for (std::int64_t i = 0; i < rest; ++i) {
            const auto* pixel = reinterpret_cast<const __m256i*>(in.blocks[block] + (whole.count + i) * in.step);
            _mm256_store_si256(reinterpret_cast<__m256i*>(copies[block] + 16 * i), _mm256_loadu_si256(pixel));
        }
        last.blocks[block] = copies[block];
    }
    split_whole(last);
}

// Of 16 pixels of four channels the high bytes (or the low ones), a channel's side by side.
inline __m512i bytes_of_four_channels(__m512i first, __m512i second, int odd) {
    alignas(64) std::uint8_t places[64];
    for (int i = 0; i < 64; ++i) places[i] = static_cast<std::uint8_t>(i % 16 * 8 + i / 16 * 2 + odd);
    return _mm512_permutex2var_epi8(first, _mm512_load_si512(places), second);
}

inline void store_channels(__m512i bytes, std::int64_t channels, std::int64_t channel_bytes, std::uint8_t* out) {
    alignas(64) std::uint8_t copies[64];
    _mm512_store_si512(copies, bytes);
    for (std::int64_t c = 0; c < channels; ++c, out += channel_bytes) {
        const auto* of_channel = reinterpret_cast<const __m128i*>(copies + 16 * c);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_load_si128(of_channel));
    }
}

void split_channels(const SplitChannels& in) {
    const __m512i places = _mm512_mullo_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(in.step));
    for (std::int64_t i = 0; i < in.count; i += 16) {
        const std::int16_t* pixels = in.pixels + i * in.step;
        const std::uint32_t left = in.count - i < 16 ? (1u << (in.count - i)) - 1 : 0xFFFF;
        const __m512i zeros = _mm512_setzero_si512();
        const __m512i first = _mm512_mask_i64gather_epi64(zeros, static_cast<__mmask8>(left & 0xFF), places, pixels, 2);
        const __m512i second =
            _mm512_mask_i64gather_epi64(zeros, static_cast<__mmask8>(left >> 8), places, pixels + 8 * in.step, 2);
        store_channels(bytes_of_four_channels(first, second, 1), in.channels, in.channel_bytes, in.high + i);
        store_channels(bytes_of_four_channels(first, second, 0), in.channels, in.channel_bytes, in.high + in.low + i);
    }
}

// 64 bytes at a time: 16 pixels, whole ones of those that are written.
void split_image(const SplitImage& in) {
    const std::int64_t together = 16 / (in.step_h * in.step_w);
    std::int64_t places[16];
    std::int32_t cols[16];
    __mmask16 rows_inside = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
        const std::int64_t row = in.row + i / in.step_w % in.step_h;
        const std::int64_t col = i / (in.step_h * in.step_w) * in.step_w + i % in.step_w;
        cols[i] = static_cast<std::int32_t>(in.col + col);
        places[i] = (row * in.W + in.col + col) * 16;
        if (row >= 0 && row < in.H) rows_inside = static_cast<__mmask16>(rows_inside | 1 << i);
    }
    __m512i col = _mm512_loadu_si512(cols);
    __m512i first_places = _mm512_loadu_si512(places);
    __m512i second_places = _mm512_loadu_si512(places + 8);
    const __m512i end = _mm512_set1_epi32(static_cast<std::int32_t>(in.W));
    const __m512i next_col = _mm512_set1_epi32(static_cast<std::int32_t>(together * in.step_w));
    const __m512i next_place = _mm512_set1_epi64(together * in.step_w * 16);
    const __m512i zeros = _mm512_setzero_si512();
    std::uint8_t* out = in.high;
    for (std::int64_t i = 0; i < in.count; i += together, out += 64) {
        const __mmask16 inside =
            _mm512_mask_cmplt_epi32_mask(_mm512_mask_cmpge_epi32_mask(rows_inside, col, zeros), col, end);
        const __m512i first =
            _mm512_mask_i64gather_epi64(zeros, static_cast<__mmask8>(inside), first_places, in.pixels, 2);
        const __m512i second =
            _mm512_mask_i64gather_epi64(zeros, static_cast<__mmask8>(inside >> 8), second_places, in.pixels, 2);
        _mm512_storeu_si512(out, bytes_of(first, second, 1));
        _mm512_storeu_si512(out + in.low, bytes_of(first, second, 0));
        col = _mm512_add_epi32(col, next_col);
        first_places = _mm512_add_epi64(first_places, next_place);
        second_places = _mm512_add_epi64(second_places, next_place);
    }
}

// Of four neighbours in a lane, which two vectors of pairs hold, the high bytes (or the low ones) side by side.
inline __m512i bytes_of_lanes(__m512i first, __m512i second, int odd) {
    alignas(64) std::uint8_t places[64];
    for (int i = 0; i < 64; ++i) {
        places[i] = static_cast<std::uint8_t>(i / 4 * 4 + i % 2 * 2 + odd + (i % 4 < 2 ? 0 : 64));
    }
    return _mm512_permutex2var_epi8(first, _mm512_load_si512(places), second);
}

void split_pairs(const std::int16_t* pairs, std::int64_t count, std::uint8_t* high) {
    const auto pair = [&](std::int64_t i) {
        return i < count ? _mm512_loadu_si512(pairs + 32 * i) : _mm512_setzero_si512();
    };
    for (std::int64_t row = 0; 2 * row < count; ++row, high += 64) {
        const __m512i first = pair(2 * row);
        const __m512i second = pair(2 * row + 1);
        _mm512_storeu_si512(high, bytes_of_lanes(first, second, 1));
        _mm512_storeu_si512(high + kByteVectorHalf, bytes_of_lanes(first, second, 0));
    }
}

// Four pixels of 16 channels: the high bytes (or the low ones) of a channel side by side.
inline __m512i bytes_of_channels(const std::int16_t* pixels, int odd) {
    alignas(64) std::uint8_t places[64];
    for (int i = 0; i < 64; ++i) places[i] = static_cast<std::uint8_t>(i % 4 * 32 + i / 4 * 2 + odd);
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(pixels), _mm512_load_si512(places),
                                    _mm512_loadu_si512(pixels + 32));
}

void split_rows(const std::int16_t* pixels, std::int64_t steps, std::uint8_t* rows) {
    for (std::int64_t step = 0; step < steps; ++step, pixels += kByteStep * 16) {
        for (int odd = 1; odd >= 0; --odd) {
            __m512i r[16];
            for (int i = 0; i < 16; ++i) r[i] = bytes_of_channels(pixels + 64 * i, odd);
            transpose_16(r);
            for (int channel = 0; channel < 16; ++channel, rows += 64) _mm512_storeu_si512(rows, r[channel]);
        }
    }
}

void split_lanes(const std::int16_t* pixels, std::int64_t count, std::uint8_t* high, std::int64_t low) {
    for (std::int64_t i = 0; i < count; ++i, pixels += 4 * 16, high += 64) {
        _mm512_storeu_si512(high, bytes_of_channels(pixels, 1));
        _mm512_storeu_si512(high + low, bytes_of_channels(pixels, 0));
    }
}

}  // namespace

const ByteOps kByteOpsAmx = {.start = start_tiles,
                             .end = end_tiles,
                             .sum_tile = sum_tile,
                             .combine_short = combine_short,
                             .combine = combine,
                             .add_products = add_products,
                             .split_pixels = split_pixels,
                             .split_channels = split_channels,
                             .split_image = split_image,
                             .split_rows = split_rows,
                             .split_lanes = split_lanes,
                             .split_pairs = split_pairs};

}  // namespace dfp16::fast
