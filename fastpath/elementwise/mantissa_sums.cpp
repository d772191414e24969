#include "fastpath/elementwise/mantissa_sums.h"

namespace dfp16::fast {

MantissaSums::MantissaSums(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b,
                           const AddParams& params, const Layout& layout)
    : kernels_(execution.kernels),
      fixed_(a.exponent() >= b.exponent() ? a : b),
      aligned_(a.exponent() >= b.exponent() ? b : a),
      rounding_(shift_rounding(fixed_.exponent() - aligned_.exponent(), params.rounding.rounding, 32767)),
      random_(execution, alignment(params), Purpose::align),
      relu_(params.relu),
      layout_(layout) {}

RoundingParams MantissaSums::alignment(const AddParams& params) const {
    RoundingParams alignment = params.rounding;
    if (fixed_.exponent() == aligned_.exponent()) alignment.rounding = Rounding::toward_zero;  // nothing to round
    return alignment;
}

Cut MantissaSums::cut() const {
    const bool anywhere = fixed_.cut() == Cut::anywhere && aligned_.cut() == Cut::anywhere;
    return anywhere ? random_.cut() : Cut::by_plane;
}

bool MantissaSums::has_int16_min(const Tile& tile) const {
    for (const MantissaTiles* operand : {&fixed_, &aligned_}) {
        const Tensor* x = operand->unchecked();
        if (x != nullptr && kernels_.contains_int16_min(x->mantissas() + tile.begin, tile.count)) return true;
    }
    return false;
}

std::uint32_t MantissaSums::write(const Tile& tile, const ShiftRounding& rounding, std::int32_t limit,
                                  const MaskedTarget& target, bool marks, bool stream, std::int16_t* y) const {
    alignas(kAlignment) std::int16_t fixed[kTile];
    alignas(kAlignment) std::int16_t aligned[kTile];
    AddToMantissas to{fixed_.tile(kernels_, tile, fixed),
                      aligned_.tile(kernels_, tile, aligned),
                      rounding_,
                      relu_,
                      rounding,
                      limit,
                      nullptr,
                      y};
    to.stream = stream;
    if (target.mask != nullptr) {
        to.mask = target.mask->mantissas() + tile.begin;
        const std::uint16_t* bits = target.mask->positive.words();
        if (bits != nullptr) to.mask_bits = bits + tile.begin / kBlock;
    }
    if (marks) to.positive = target.y.positive.memory + tile.begin / kBlock;
    const std::int32_t a = fixed_.largest();
    const std::int32_t b = aligned_.largest();
    to.narrow = a >= 0 && b >= 0 && a + b <= kMostNarrow;
    return kernels_.add_to_mantissas(to, tile.count);
}

const std::int32_t* MantissaSums::operator()(const Tile& tile, std::int32_t* buffer) const {
    alignas(kAlignment) std::uint32_t words[kTile];
    alignas(kAlignment) std::int16_t fixed[kTile];
    alignas(kAlignment) std::int16_t aligned[kTile];
    kernels_.add(fixed_.tile(kernels_, tile, fixed), aligned_.tile(kernels_, tile, aligned), tile.count, rounding_,
                 random_.of(layout_, tile, words), relu_, buffer);
    return buffer;
}

}  // namespace dfp16::fast
