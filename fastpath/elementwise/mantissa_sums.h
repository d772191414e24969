// The sums of add (contract section 6), tile by tile, before down-conversion.
#pragma once

#include <cstdint>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/mantissa_tiles.h"
#include "fastpath/elementwise/random_words.h"
#include "fastpath/tensor.h"

namespace dfp16::fast {

/// No sum is larger.
inline constexpr std::uint32_t kLargestSum = 2 * 32767;

class MantissaSums {
public:
    /// All must outlive it.
    MantissaSums(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
                 const Layout& layout);

    int exponent() const { return fixed_.exponent(); }
    Cut cut() const;
    /// Whether one pass does all, to a guessed exponent: no random words, nothing that needs magnitudes.
    bool direct() const { return rounding_.direct && !random_.needed(); }
    bool has_int16_min(const Tile& tile) const;
    /// Writes the tile's mantissas, `rounding` of the sums, to `y`, marks in target.y what is positive if `marks`.
    /// Gives the largest magnitude of the sums.
    std::uint32_t write(const Tile& tile, const ShiftRounding& rounding, std::int32_t limit, const MaskedTarget& target,
                        bool marks, bool stream, std::int16_t* y) const;
    const std::int32_t* operator()(const Tile& tile, std::int32_t* buffer) const;

private:
    RoundingParams alignment(const AddParams& params) const;

    const KernelTable& kernels_;
    const MantissaTiles& fixed_;
    const MantissaTiles& aligned_;
    ShiftRounding rounding_;
    RandomWords random_;
    bool relu_;
    const Layout& layout_;
};

}  // namespace dfp16::fast
