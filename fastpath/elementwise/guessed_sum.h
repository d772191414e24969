// A sum whose mantissas are written for a shift that may be a guess, while its largest magnitude is looked for.
#pragma once

#include <cstdint>
#include <optional>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/gathering.h"
#include "fastpath/elementwise/mantissa_sums.h"

namespace dfp16::fast {

class GuessedSum {
public:
    /// Of sums to y, masked if there is a mask; what y's batch norm asks for is gathered in `parts`. All must outlive
    /// it. Without a shift only the largest magnitude is found, and so if rounding is stochastic, which needs it.
    GuessedSum(const Execution& execution, const MantissaSums& sums, const AddParams& params, const Tensor* mask,
               Tensor& y, std::optional<std::int64_t> shift, std::int64_t parts);

    /// Whether it writes mantissas, and in one pass.
    bool in_one_pass() const { return in_one_pass_; }
    bool gathers() const { return gathering_.wanted(); }
    const MaskedTarget& target() const { return target_; }
    /// A tile's mantissas, if there is a guess, to be gathered as this part. Gives the largest magnitude of its sums.
    std::uint32_t write(const Tile& tile, std::int64_t part);
    /// When all tiles are written: whether the guess was right. Then y's mantissas are whole.
    bool finish(const DownConversion& conversion);

private:
    std::uint32_t write_in_two_passes(const Tile& tile) const;

    const KernelTable& kernels_;
    const MantissaSums& sums_;
    MaskedTarget target_;
    bool guessing_;
    std::int64_t shift_;
    ShiftRounding rounding_;
    std::int32_t limit_;
    bool in_one_pass_;  // that writes, and finds the largest magnitude
    bool marks_;
    bool stream_;
    Gathering gathering_;
};

}  // namespace dfp16::fast
