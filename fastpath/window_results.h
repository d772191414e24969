// Where the sums of a window product go: FP32 or INT32 results, or mantissas whose exponent is not known before the
// last sum.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "fastpath/channel_statistics.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/products_windows.h"

namespace dfp16::fast {

class WindowResults {
public:
    /// All must outlive it. Results go to `out`, or to `quantized`.
    WindowResults(const Products& products, const WindowProduct& product, double scale, std::uint32_t* out,
                  QuantizedResult* quantized);

    /// Has `run` write all results, to mantissas again if the exponent was not the expected one. Gives the bits of the
    /// largest magnitude.
    std::uint32_t write(const std::function<void()>& run);

    // While it runs:

    /// To mantissas, or null.
    const QuantizedResult* quantized() const { return quantized_; }
    double scale() const { return scale_; }
    float to_mantissa() const { return to_mantissa_; }
    /// Whether the exponent may be another than expected.
    bool keeps_remainders() const { return remainders_ != nullptr; }
    /// What sums will probably stay within between chains, at most kWidestReach.
    std::int32_t expected_reach() const;
    /// That some did not.
    void note_beyond_reach() { beyond_reach_ = true; }
    /// Whether results bypass the caches: the thread that wrote them issues a fence.
    bool streams() const { return stream_; }
    /// Whether there are results where no tap reaches; write_zeros() writes them.
    bool leaves_zeros() const { return leaves_zeros_; }
    /// Sums that a thread finds in passing, by block of 16 of the output's channels; null if nobody asks.
    BlockSums* gathered(int thread);

    /// The first of the output's blocks of 16 channels that a lane of an image's group belongs to.
    std::int64_t out_block_of(std::int64_t image_group, std::int64_t lane) const;
    std::int64_t channel_block(std::int64_t out_block) const { return out_block % out_blocks(); }
    /// Of a window's pixel, among the results.
    std::int64_t place_of(const TapWindow& window, std::int64_t out_block, std::int64_t row, std::int64_t col) const;
    /// Elements from one block of 16 channels to the next.
    std::int64_t part_stride() const { return product_.out.H * product_.out.W * 16; }

    /// All output rows that `count` window rows have, before those with taps write theirs.
    void write_zeros(std::int64_t out_block, std::int64_t lanes, std::int64_t first_row, std::int64_t count) const;
    /// sums [rows][lanes], INT32 under exact if `short_sums`, to the results of neighbours, the first at `place`. Gives
    /// the bits of the largest magnitude.
    std::uint32_t finish(bool short_sums, std::int64_t out_block, std::int64_t place, std::int64_t rows,
                         std::int64_t lanes, const void* sums, BlockSums* gathered) const;
    /// That results of such a magnitude, its bits, were written.
    void see(std::uint32_t largest);

private:
    void start();
    void write_quantized(const std::function<void()>& run);
    std::uint32_t quantize_sums(bool short_sums, std::int64_t out_block, std::int64_t place, std::int64_t rows,
                                std::int64_t lanes, const void* sums, BlockSums* gathered) const;
    bool gathers() const;
    std::int64_t out_blocks() const { return product_.out.groups * product_.out.group_blocks(); }
    ChannelStatistics sum_of_gathered() const;
    void requantize(int exponent);

    const Products& products_;
    const WindowProduct& product_;
    Policy policy_;
    double scale_;
    std::uint32_t* out_;                  // or
    QuantizedResult* quantized_;          // and
    std::uint8_t* remainders_ = nullptr;  // where the exponent may be another than expected
    float to_mantissa_ = 1.0f;
    std::optional<KeptParts<BlockSums>> gathered_;  // by thread: of each block of the output's channels
    bool stream_ = false;
    bool leaves_zeros_ = false;
    std::atomic<std::uint32_t> largest_{0};
    std::atomic<bool> beyond_reach_{false};
};

}  // namespace dfp16::fast
