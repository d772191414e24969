// The rest of what `bench` measures: the cost of spilling INT32 chains, the golden model, the suites.
#pragma once

#include <functional>
#include <string>

#include "fastpath/isa.h"
#include "tools/bench/record.h"

namespace dfp16::bench {

/// spill.exact.slowdown: convolutions of a ResNet-50 step on the tensors of a real step (batch images), `exact` at its
/// certified chains over `wrap`, which never spills, less 1; sums over all convolutions and passes, round by round. Of
/// ISA amx, whose byte tiles do not spill, what avx512vnni takes.
Record measure_spill(fast::Isa isa, int threads, std::int64_t batch, int rounds,
                     const std::function<void(const std::string& note)>& progress);

/// golden.gmacs_per_core: the golden model's forward convolution, 3x3, 64 to 64 channels, 56x56, on one thread.
Record measure_golden(int rounds);

/// suites.level1.seconds: generate and verify of all level-1 suites, all ISAs.
Record measure_suites(int threads);

}  // namespace dfp16::bench
