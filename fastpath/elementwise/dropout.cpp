#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/random_words.h"

namespace dfp16::fast {

void dropout(const Execution& execution, const Tensor& x, const DropoutParams& params, Tensor& y) {
    const RandomWords random(execution, Purpose::dropout, params.tensor);
    const auto threshold = static_cast<std::uint32_t>(std::floor(double{params.rate} * 0x1p32));
    const float gain = 1.0f / (1.0f - params.rate);
    const float scale = std::ldexp(1.0f, x.exponent);
    for_tiles(execution.pool, x.layout, random.cut(), [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) std::uint32_t words[kTile];
        execution.kernels.dropout(x.mantissas() + tile.begin, tile.count, scale, gain, threshold,
                                  random.of(x.layout, tile, words), y.fp32() + tile.begin);
    });
    reject_beyond_fp32(x, [&](std::int64_t place) { return y.fp32()[place] != 0.0f; });
}

}  // namespace dfp16::fast
