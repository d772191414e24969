// What parent and child tell each other, in memory that both share.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "vectors/kernel/arena.h"
#include "vectors/kernel/dfp16_kernel.h"
#include "vectors/kernel/environment.h"
#include "vectors/kernel/turn.h"

namespace dfp16::kernel {

inline constexpr std::size_t kMostEntries = 256;
inline constexpr std::size_t kTextBytes = 512;

/// One entry of the library's table.
struct CatalogEntry {
    std::array<char, 64> op{};
    std::uint32_t flags = 0;
    std::array<std::int32_t, DFP16_LAYOUTS> input_layouts{};
    std::array<std::int32_t, DFP16_LAYOUTS> output_layouts{};
};

struct Trap {
    int number = 0;  ///< of the signal
    bool has_address = false;
    bool write = false;  ///< counts where knows_write
    bool knows_write = false;
    std::uintptr_t address = 0;  ///< that was accessed
    std::uintptr_t stack = 0;    ///< the stack pointer; 0 if unknown
};

struct Control {
    Turn turn;
    // From the parent.
    pid_t parent = 0;
    unsigned most_seconds = 0;  ///< that a case may take; the parent ends the child earlier, if it lives
    std::size_t entry = 0;
    std::size_t runs = 0;
    std::array<dfp16_call*, kRuns> calls{};
    // From the child.
    volatile std::size_t run = 0;  ///< the one under way
    std::array<int, kRuns> status{};
    std::array<EnvironmentChange, kRuns> environment{};
    Trap trap;
    int exit_status = 0;
    std::array<char, kTextBytes> text{};
    std::array<char, 128> library_name{};
    std::size_t entries = 0;
    std::array<CatalogEntry, kMostEntries> catalog{};
};

}  // namespace dfp16::kernel
