#include <algorithm>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/gathering.h"
#include "fastpath/elementwise/mantissa_minimum.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/streaming.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kLargestSum = 2 * 32767;

bool has_int16_min(const KernelTable& kernels, const Tensor* x, const Tile& tile) {
    return x != nullptr && kernels.contains_int16_min(x->mantissas() + tile.begin, tile.count);
}

/// The sums of a tile, before down-conversion.
class Sums {
public:
    Sums(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
         const Layout& layout)
        : kernels_(execution.kernels),
          fixed_(a.exponent() >= b.exponent() ? a : b),
          aligned_(a.exponent() >= b.exponent() ? b : a),
          rounding_(shift_rounding(fixed_.exponent() - aligned_.exponent(), params.rounding.rounding, 32767)),
          random_(execution, alignment(params), Purpose::align),
          relu_(params.relu),
          layout_(layout) {}

    int exponent() const { return fixed_.exponent(); }
    Cut cut() const {
        const bool anywhere = fixed_.cut() == Cut::anywhere && aligned_.cut() == Cut::anywhere;
        return anywhere ? random_.cut() : Cut::by_plane;
    }
    /// Whether one pass does all, to a guessed exponent: no random words, nothing that needs magnitudes.
    bool direct() const { return rounding_.direct && !random_.needed(); }
    /// Writes the tile's mantissas to `y`. Gives the largest magnitude of its sums.
    std::uint32_t write(const Tile& tile, const ShiftRounding& rounding, std::int32_t limit, const MaskedTarget& target,
                        bool marks, bool stream, std::int16_t* y) const {
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
    const std::int32_t* operator()(const Tile& tile, std::int32_t* buffer) const {
        alignas(kAlignment) std::uint32_t words[kTile];
        alignas(kAlignment) std::int16_t fixed[kTile];
        alignas(kAlignment) std::int16_t aligned[kTile];
        kernels_.add(fixed_.tile(kernels_, tile, fixed), aligned_.tile(kernels_, tile, aligned), tile.count, rounding_,
                     random_.of(layout_, tile, words), relu_, buffer);
        return buffer;
    }

private:
    RoundingParams alignment(const AddParams& params) const {
        RoundingParams alignment = params.rounding;
        if (fixed_.exponent() == aligned_.exponent()) alignment.rounding = Rounding::toward_zero;  // nothing to round
        return alignment;
    }

    const KernelTable& kernels_;
    const MantissaTiles& fixed_;
    const MantissaTiles& aligned_;
    ShiftRounding rounding_;
    RandomWords random_;
    bool relu_;
    const Layout& layout_;
};

}  // namespace

void add(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
         const Tensor& sum, const Tensor* mask, Tensor& y) {
    const KernelTable& kernels = execution.kernels;
    const Sums sums(execution, a, b, params, y.layout);
    const MaskedTarget target{kernels, y, mask};
    // While the largest sum is looked for, mantissas are written for the exponent of the step before.
    const bool guessing = params.rounding.rounding != Rounding::stochastic && y.forecast.known();
    const std::int64_t guess = std::max(0, y.forecast.exponent() - sums.exponent());
    const ShiftRounding guessed = shift_rounding(guess, params.rounding.rounding, kLargestSum);
    const std::int32_t limit = mantissa_bound(params.rounding.headroom);
    const bool in_one_pass = guessing && sums.direct() && guessed.direct;
    const bool marks = in_one_pass && y.positive.memory != nullptr && kernels.marks_positive;
    const bool stream = streams(y.mantissas(), 2 * y.layout.elements());
    const Tiles planes(y.layout, Cut::by_plane);
    Gathering gathering(y, guessing, ranges_of(execution.pool, planes.count(), planes.grain()));
    const Cut cut = gathering.wanted() ? Cut::by_plane : sums.cut();
    const std::uint32_t largest =
        max_over_tiles(execution.pool, y.layout, cut, [&](const Tile& tile, std::int64_t range) {
            if (has_int16_min(kernels, a.unchecked(), tile) || has_int16_min(kernels, b.unchecked(), tile)) {
                return kForbiddenOperand;
            }
            std::uint32_t of_tile = 0;
            std::int16_t* mantissas = y.mantissas() + tile.begin;
            alignas(kAlignment) std::int16_t apart[kTile];
            if (in_one_pass && stream && gathering.wanted()) {
                of_tile = sums.write(tile, guessed, limit, target, marks, false, apart);
                kernels.copy_past_caches(apart, tile.count, mantissas);
                mantissas = apart;
            } else if (in_one_pass) {
                of_tile = sums.write(tile, guessed, limit, target, marks, stream, mantissas);
            } else {
                alignas(kAlignment) std::int32_t buffer[kTile];
                const std::int32_t* v = sums(tile, buffer);
                of_tile = kernels.max_magnitude_int32(v, tile.count);
                if (guessing) {
                    target.write(tile, [&](std::int16_t* to) {
                        kernels.down_convert(v, tile.count, guessed, limit, nullptr, to);
                    });
                }
            }
            gathering.add(kernels, tile, mantissas, range);
            return of_tile;
        });
    if (largest == kForbiddenOperand) {
        for (const Tensor* x : {a.unchecked(), b.unchecked()}) {
            if (x != nullptr) reject_int16_min(*x);
        }
    }
    const DownConversion conversion = down_conversion(largest, sums.exponent(), params.rounding.headroom, sum);
    if (guessing && conversion.shift == guess) {
        y.exponent = conversion.exponent;
        y.largest_mantissa = limit;
        gathering.give();
        y.positive.written = marks;
    } else {
        write_down_converted(execution, conversion, params.rounding, sums.cut(), sums, target);
    }
    y.forecast.see(conversion.exponent);
    y.non_negative = params.relu;
}

}  // namespace dfp16::fast
