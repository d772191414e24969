// The learning rate of a step (contract section 14).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dfp16 {

struct Schedule {
    enum class Kind { constant, linear, step, multistep, poly, cosine };
    Kind kind = Kind::linear;
    float gamma = 0.1f;                      ///< step, multistep: what a drop multiplies the rate with
    std::int64_t every = 0;                  ///< step: steps from drop to drop
    std::vector<std::int64_t> milestones{};  ///< multistep: steps at which the rate drops, ascending
    int power = 1;                           ///< poly; 0 stands for 0.5, the square root
    std::int64_t warmup = 0;                 ///< steps of linear rise in front; 0: none
};

/// "constant", "linear", "step:GAMMA:EVERY", "multistep:GAMMA:M1[,M2...]", "poly:POWER" (0.5, or 1 to 16) or "cosine",
/// without warm-up. Throws InputError.
Schedule schedule_of(const std::string& text);
/// What schedule_of() reads.
std::string name_of(const Schedule& schedule);

/// Of step `step` of `steps`, from 0; `rate` is the rate that the run is given.
float learning_rate_of(const Schedule& schedule, float rate, std::int64_t step, std::int64_t steps);

}  // namespace dfp16
