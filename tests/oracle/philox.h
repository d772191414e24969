// Contract section 4.
#pragma once

#include <array>
#include <cstdint>

namespace oracle {

/// Philox4x32-10 of Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key);

/// Whose words they are: all but the purpose and the element.
struct Draw {
    std::uint64_t seed = 1;
    std::uint32_t step = 0;
    std::uint32_t tensor = 0;
};

/// The word of element i; `purpose` is the number in the contract's table.
std::uint32_t word(const Draw& draw, std::uint32_t purpose, std::uint64_t i);

}  // namespace oracle
