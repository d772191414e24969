// Contract section 13: one lane of each instruction.
#pragma once

#include <array>
#include <cstdint>

#include "tests/oracle/sums.h"

namespace oracle {

std::int32_t vpmaddwd(const Pair& p);
std::int32_t vpdpwssd(std::int32_t c, const Pair& p);
std::int32_t vpdpwssds(std::int32_t c, const Pair& p);
std::int32_t vp4dpwssd(std::int32_t c, const std::array<Pair, 4>& steps);
std::int32_t vp4dpwssds(std::int32_t c, const std::array<Pair, 4>& steps);

}  // namespace oracle
