// The state of the processor that a called function must leave as it found it.
#pragma once

#include <cstdint>
#include <string>

namespace dfp16::kernel {

/// A word for each thing that differs from what the psABI says; all 0: nothing.
struct EnvironmentChange {
    std::uint32_t mxcsr = 0;        ///< control bits as they were left, if they changed
    std::uint32_t x87_control = 0;  ///< the control word as it was left, if it changed
    std::uint32_t x87_in_use = 0;   ///< 1: registers of the x87 stack are not empty (emms was forgotten)
    std::uint32_t direction = 0;    ///< 1: the direction flag is set
    bool any() const { return (mxcsr | x87_control | x87_in_use | direction) != 0; }
};

/// Sets what a program starts with: rounding to nearest, subnormals kept, exceptions masked, x87 stack empty.
void reset_environment();
/// What differs from that. Status flags do not count. Resets what differs.
EnvironmentChange take_environment_change();
/// One line on what changed.
std::string text_of(const EnvironmentChange& change);

}  // namespace dfp16::kernel
