// One lane of each instruction in plain C++, and the loop over lanes with masks.
#pragma once

#include <cstdint>

#include "fastpath/instructions/instruction_table.h"

namespace dfp16::fast {

inline std::int64_t pair_product(const std::int16_t* a, const std::int16_t* b) {
    return std::int64_t{a[0]} * b[0] + std::int64_t{a[1]} * b[1];
}

inline std::int32_t modulo(std::int64_t sum) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}

inline std::int32_t clamped(std::int64_t sum) {
    constexpr std::int64_t highest = (std::int64_t{1} << 31) - 1;
    return static_cast<std::int32_t>(sum > highest ? highest : sum < -highest - 1 ? -highest - 1 : sum);
}

/// d = result(a of the lane, b of the lane, c) where the mask allows. An execution has a_step and b_step elements of a
/// and b; its lanes share b if b_step is 8.
template <typename Result>
void for_each_lane(const InstructionRun& run, std::int64_t a_step, std::int64_t b_step, Result result) {
    for (std::int64_t i = 0; i < run.count; ++i) {
        for (int lane = 0; lane < run.lanes; ++lane) {
            const std::int64_t place = i * run.lanes + lane;
            const std::int32_t c = run.c != nullptr ? run.c[place] : 0;
            const bool masked = run.k != nullptr && (static_cast<std::uint32_t>(run.k[i]) >> lane & 1u) == 0;
            run.d[place] =
                masked ? (run.zero ? 0 : c) : result(run.a + i * a_step + 2 * lane, run.b + i * b_step, lane, c);
        }
    }
}

}  // namespace dfp16::fast
