#include "tools/bench/byte_tile_rate.h"

#include <cstdint>
#include <cstring>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/memory.h"
#include "tools/bench/convolution.h"
#include "tools/bench/stopwatch.h"

namespace dfp16::bench {

namespace {

constexpr std::int64_t kSteps = 6;
constexpr std::int64_t kRows = 2 * fast::kByteTileRows * fast::kByteStep;  ///< bytes of a step, high and low

/// Byte tiles of one thread, one after the other.
class Tiles {
public:
    Tiles() : memory_(kSteps * (kRows + fast::kByteVectors) + sizeof(fast::ByteProducts)) {
        auto* bytes = reinterpret_cast<std::uint8_t*>(memory_.data());
        // The clock gives way to what bits change.
        const auto mantissas = gaussian_mantissas(kSteps * (kRows + fast::kByteVectors) / 2, 1);
        std::memcpy(bytes, mantissas.data(), 2 * mantissas.size());
        arguments_.rows = bytes;
        arguments_.rows_step = kRows;
        arguments_.rows_low = kRows / 2;
        arguments_.vectors = bytes + kSteps * kRows;
        arguments_.steps = kSteps;
        products_ = reinterpret_cast<fast::ByteProducts*>(bytes + kSteps * (kRows + fast::kByteVectors));
    }

    void run(std::int64_t tiles) {
        const fast::ByteOps& ops = fast::kByteOpsAmx;
        ops.start();
        for (std::int64_t tile = 0; tile < tiles; ++tile) ops.sum_tile(arguments_, *products_);
        ops.end();
    }

private:
    fast::AlignedBuffer memory_;
    fast::ByteTileArguments arguments_;
    fast::ByteProducts* products_ = nullptr;
};

}  // namespace

Record measure_byte_tile_rate(ThreadPool& pool, int rounds) {
    constexpr int moments = 20;
    constexpr std::int64_t tiles = 20000;
    const double macs =
        static_cast<double>(tiles * kSteps * fast::kByteTileRows * fast::kByteTileLanes * fast::kByteStep);
    std::vector<Tiles> of_threads(static_cast<std::size_t>(pool.threads()));
    std::vector<double> rates;
    for (int moment = 0; moment < moments * rounds; ++moment) {
        const double seconds = seconds_of([&] {
            pool.parallel_for(pool.threads(), [&](std::int64_t thread, int) {
                of_threads[static_cast<std::size_t>(thread)].run(tiles);
            });
        });
        rates.push_back(1e-9 * macs / seconds);
    }
    return record_of("machine.byte_tiles", rates, "GMAC/s");
}

}  // namespace dfp16::bench
