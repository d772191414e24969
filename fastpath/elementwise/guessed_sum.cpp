#include "fastpath/elementwise/guessed_sum.h"

#include "fastpath/streaming.h"

namespace dfp16::fast {

GuessedSum::GuessedSum(const Execution& execution, const MantissaSums& sums, const AddParams& params,
                       const Tensor* mask, Tensor& y, std::optional<std::int64_t> shift, std::int64_t parts)
    : kernels_(execution.kernels),
      sums_(sums),
      target_{kernels_, y, mask},
      guessing_(params.rounding.rounding != Rounding::stochastic && shift.has_value()),
      shift_(shift.value_or(0)),
      rounding_(shift_rounding(shift_, params.rounding.rounding, kLargestSum)),
      limit_(mantissa_bound(params.rounding.headroom)),
      in_one_pass_(guessing_ && sums.direct() && rounding_.direct),
      marks_(in_one_pass_ && y.positive.memory != nullptr && kernels_.marks_positive),
      stream_(streams(y.mantissas(), 2 * y.layout.elements())),
      gathering_(y, guessing_, parts) {}

std::uint32_t GuessedSum::write(const Tile& tile, std::int64_t part) {
    std::uint32_t largest = 0;
    std::int16_t* mantissas = target_.y.mantissas() + tile.begin;
    alignas(kAlignment) std::int16_t apart[kTile];
    if (!in_one_pass_) {
        largest = write_in_two_passes(tile);
    } else if (stream_ && gathers()) {
        largest = sums_.write(tile, rounding_, limit_, target_, marks_, false, apart);
        kernels_.copy_past_caches(apart, tile.count, mantissas);
        mantissas = apart;
    } else {
        largest = sums_.write(tile, rounding_, limit_, target_, marks_, stream_, mantissas);
    }
    gathering_.add(kernels_, tile, mantissas, part);
    return largest;
}

std::uint32_t GuessedSum::write_in_two_passes(const Tile& tile) const {
    alignas(kAlignment) std::int32_t buffer[kTile];
    const std::int32_t* v = sums_(tile, buffer);
    if (guessing_) {
        target_.write(tile,
                      [&](std::int16_t* to) { kernels_.down_convert(v, tile.count, rounding_, limit_, nullptr, to); });
    }
    return kernels_.max_magnitude_int32(v, tile.count);
}

bool GuessedSum::finish(const DownConversion& conversion) {
    if (!guessing_ || conversion.shift != shift_) return false;
    Tensor& y = target_.y;
    y.exponent = conversion.exponent;
    y.largest_mantissa = limit_;
    y.positive.written = marks_;
    gathering_.give();
    return true;
}

}  // namespace dfp16::fast
