// A sum whose mantissas are written for the exponent of the step before, while its largest magnitude is looked for.
#pragma once

#include <cstdint>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/gathering.h"
#include "fastpath/elementwise/mantissa_sums.h"

namespace dfp16::fast {

class GuessedSum {
public:
    /// Of sums of an exponent, to y, masked if there is a mask; what y's batch norm asks for is gathered in `parts`.
    /// All must outlive it.
    GuessedSum(const Execution& execution, int exponent, const AddParams& params, const Tensor* mask, Tensor& y,
               std::int64_t parts);

    /// Whether there is a guess; if not, nothing is written.
    bool guessing() const { return guessing_; }
    /// Whether one pass finds the largest magnitude and writes.
    bool in_one_pass(const MantissaSums& sums) const { return guessing_ && sums.direct() && rounding_.direct; }
    bool streams() const { return stream_; }
    bool gathers() const { return gathering_.wanted(); }
    const MaskedTarget& target() const { return target_; }
    /// A tile's mantissas, to be gathered as this part. Gives the largest magnitude of its sums.
    std::uint32_t write(const MantissaSums& sums, const Tile& tile, std::int64_t part);
    /// When all are written, `largest` being the largest magnitude: whether the guess was right. Then y is whole.
    bool finish(const DownConversion& conversion, const AddParams& params, bool in_one_pass);

private:
    bool marks() const { return target_.y.positive.memory != nullptr && kernels_.marks_positive; }
    std::uint32_t write_in_two_passes(const MantissaSums& sums, const Tile& tile) const;

    const KernelTable& kernels_;
    MaskedTarget target_;
    bool guessing_;
    std::int64_t shift_;
    ShiftRounding rounding_;
    std::int32_t limit_;
    bool stream_;
    Gathering gathering_;
};

}  // namespace dfp16::fast
