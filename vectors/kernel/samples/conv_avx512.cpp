// A kernel library in C++ with intrinsics: conv_forward, policy exact, with AVX-512 VNNI. x and y have blocks of 16
// channels, w is packed for VPDPWSSD. It runs, and says "unsupported", on CPUs without VNNI.
//
//     g++ -std=c++17 -O2 -shared -fPIC -I vectors/kernel vectors/kernel/samples/conv_avx512.cpp -o libconv.so
#include <dfp16_kernel.h>
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vnni")))

namespace {

constexpr std::int64_t kBlock = 16;             // channels
constexpr std::int64_t kPairs = kBlock / 2;     // of channels
constexpr std::int64_t kTap = kBlock * kBlock;  // weights of 16 k and 16 c
constexpr int kPixels = 4;                      // outputs of a row that share each load of weights

alignas(64) constexpr std::int16_t kZeros[kBlock] = {};  // what a tap on padding reads

std::int64_t blocks_of(std::int64_t channels) {
    return (channels + kBlock - 1) / kBlock;
}

std::int64_t largest(const dfp16_tensor& tensor) {
    const auto* values = static_cast<const std::int16_t*>(tensor.data);
    std::int64_t most = 0;
    for (std::uint64_t i = 0; i < tensor.bytes / 2; ++i) most = std::max<std::int64_t>(most, std::abs(int{values[i]}));
    return most;
}

/// How many pairs an INT32 surely holds the products of. One always fits: policy exact has no -32768.
std::int64_t safe_chain(const dfp16_tensor& x, const dfp16_tensor& w) {
    return std::max<std::int64_t>(1, INT32_MAX / std::max<std::int64_t>(1, 2 * largest(x) * largest(w)));
}

/// sum * 2^k, rounded once: a sum beyond the 53 bits of a double is cut, to an odd number if that loses anything.
float scaled(std::int64_t sum, double power) {
    constexpr std::int64_t kLimit = std::int64_t{1} << 53;
    double factor = power;
    while (sum >= kLimit || sum <= -kLimit) {
        const std::int64_t odd = sum & 1;
        sum = ((sum - odd) / 2) | odd;
        factor *= 2.0;
    }
    return static_cast<float>(static_cast<double>(sum) * factor);
}

/// The sums of 16 output channels of kPixels pixels: INT32 lanes that are added to INT64 ones before they can overflow.
struct Tile {
    __m512i chain[kPixels];
    __m512i low[kPixels];
    __m512i high[kPixels];
};

VNNI void clear(Tile& tile) {
    for (int i = 0; i < kPixels; ++i) tile.chain[i] = tile.low[i] = tile.high[i] = _mm512_setzero_si512();
}

VNNI void spill(Tile& tile) {
    for (int i = 0; i < kPixels; ++i) {
        const __m256i low = _mm512_castsi512_si256(tile.chain[i]);
        const __m256i high = _mm512_extracti64x4_epi64(tile.chain[i], 1);
        tile.low[i] = _mm512_add_epi64(tile.low[i], _mm512_cvtepi32_epi64(low));
        tile.high[i] = _mm512_add_epi64(tile.high[i], _mm512_cvtepi32_epi64(high));
        tile.chain[i] = _mm512_setzero_si512();
    }
}

class Convolution {
public:
    explicit Convolution(const dfp16_call& call)
        : p_(*call.params),
          x_(static_cast<const std::int16_t*>(call.inputs[0]->data)),
          w_(static_cast<const std::int16_t*>(call.inputs[1]->data)),
          y_(static_cast<float*>(call.outputs[0]->data)),
          chain_(safe_chain(*call.inputs[0], *call.inputs[1])),
          power_(std::ldexp(1.0, call.inputs[0]->exponent + call.inputs[1]->exponent)) {}

    VNNI void run() const {
        for (std::int64_t n = 0; n < p_.N; ++n) {
            for (std::int64_t block = 0; block < blocks_of(p_.K); ++block) {
                for (std::int64_t p = 0; p < p_.P; ++p) {
                    for (std::int64_t q = 0; q < p_.Q; q += kPixels) run_tile(n, block, p, q);
                }
            }
        }
    }

private:
    VNNI void run_tile(std::int64_t n, std::int64_t block, std::int64_t p, std::int64_t q) const {
        Tile tile;
        clear(tile);
        std::int64_t free = chain_;  // pairs that the INT32 lanes still hold
        for (std::int64_t c = 0; c < blocks_of(p_.C); ++c) {
            for (std::int64_t r = 0; r < p_.R; ++r) {
                for (std::int64_t s = 0; s < p_.S; ++s) {
                    const std::int16_t* weights = w_ + (((block * blocks_of(p_.C) + c) * p_.R + r) * p_.S + s) * kTap;
                    const std::int16_t* inputs[kPixels];
                    for (int i = 0; i < kPixels; ++i) inputs[i] = input(n, c, p, q + i, r, s);
                    add_tap(tile, weights, inputs, free);
                }
            }
        }
        spill(tile);
        for (int i = 0; i < kPixels && q + i < p_.Q; ++i) store(tile, i, n, block, p, q + i);
    }

    /// The 16 channels that a tap of an output pixel meets.
    const std::int16_t* input(std::int64_t n, std::int64_t c, std::int64_t p, std::int64_t q, std::int64_t r,
                              std::int64_t s) const {
        const std::int64_t h = p * p_.stride_h - p_.pad_h + r;
        const std::int64_t w = q * p_.stride_w - p_.pad_w + s;
        if (h < 0 || h >= p_.H || w < 0 || w >= p_.W) return kZeros;
        return x_ + (((n * blocks_of(p_.C) + c) * p_.H + h) * p_.W + w) * kBlock;
    }

    VNNI void add_tap(Tile& tile, const std::int16_t* weights, const std::int16_t* const* inputs,
                      std::int64_t& free) const {
        for (std::int64_t pair = 0; pair < kPairs; ++pair) {
            if (free == 0) {
                spill(tile);
                free = chain_;
            }
            --free;
            const __m512i w = _mm512_load_si512(weights + pair * 2 * kBlock);
            for (int i = 0; i < kPixels; ++i) {
                std::int32_t two = 0;
                __builtin_memcpy(&two, inputs[i] + pair * 2, sizeof two);
                tile.chain[i] = _mm512_dpwssd_epi32(tile.chain[i], w, _mm512_set1_epi32(two));
            }
        }
    }

    /// Lanes beyond K come from weights that are zero, and are zero.
    VNNI void store(const Tile& tile, int i, std::int64_t n, std::int64_t block, std::int64_t p, std::int64_t q) const {
        alignas(64) std::int64_t sums[kBlock];
        _mm512_store_si512(sums, tile.low[i]);
        _mm512_store_si512(sums + kBlock / 2, tile.high[i]);
        float* y = y_ + (((n * blocks_of(p_.K) + block) * p_.P + p) * p_.Q + q) * kBlock;
        for (std::int64_t k = 0; k < kBlock; ++k) y[k] = scaled(sums[k], power_);
    }

    const dfp16_params& p_;
    const std::int16_t* x_;
    const std::int16_t* w_;
    float* y_;
    std::int64_t chain_;
    double power_;
};

int run_conv_forward(const dfp16_call* call) {
    const bool can = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vnni");
    if (!can || call->params->policy != DFP16_EXACT || call->params->groups != 1) return DFP16_UNSUPPORTED;
    Convolution(*call).run();
    return DFP16_DONE;
}

constexpr dfp16_kernel_entry kConvForward = {
    sizeof(dfp16_kernel_entry), 0, "conv_forward", {DFP16_NCHW16C, DFP16_VNNI16}, {DFP16_NCHW16C}, run_conv_forward};
constexpr const dfp16_kernel_entry* kEntries[] = {&kConvForward};
constexpr dfp16_kernel_library kLibrary = {sizeof(dfp16_kernel_library), DFP16_KERNEL_ABI, "sample-conv-avx512", 1,
                                           kEntries};

}  // namespace

const dfp16_kernel_library* dfp16_kernels(void) {
    return &kLibrary;
}
