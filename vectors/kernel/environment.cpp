#include "vectors/kernel/environment.h"

#include <fmt/format.h>

#include <cfenv>

namespace dfp16::kernel {

#if defined(__x86_64__)

namespace {

constexpr std::uint32_t kMxcsr = 0x1F80;         // all exceptions masked, nearest even, no FTZ, no DAZ
constexpr std::uint32_t kMxcsrControl = 0xFFC0;  // what is not a status flag (SDM volume 1, section 10.2.3)
constexpr std::uint16_t kX87Control = 0x037F;    // after fninit
constexpr std::uint16_t kX87AllEmpty = 0xFFFF;   // tag word
constexpr std::uint64_t kDirection = 1u << 10;

/// What fnstenv stores in 64-bit mode.
struct X87Environment {
    std::uint16_t control, reserved0, status, reserved1, tag, reserved2;
    std::uint32_t pointers[4];
};

}  // namespace

void reset_environment() {
    asm volatile("cld\n\tfninit\n\tldmxcsr %0" : : "m"(kMxcsr));
}

EnvironmentChange take_environment_change() {
    const std::uint64_t flags = __builtin_ia32_readeflags_u64();
    asm volatile("cld");  // before anything else: code that follows may copy with string operations
    std::uint32_t mxcsr = 0;
    X87Environment x87{};
    asm volatile("stmxcsr %0" : "=m"(mxcsr));
    asm volatile("fnstenv %0" : "=m"(x87));
    EnvironmentChange change;
    if ((mxcsr & kMxcsrControl) != kMxcsr) change.mxcsr = mxcsr & kMxcsrControl;
    if (x87.control != kX87Control) change.x87_control = x87.control;
    change.x87_in_use = x87.tag != kX87AllEmpty;
    change.direction = (flags & kDirection) != 0;
    reset_environment();
    return change;
}

#else

void reset_environment() {
    std::fesetround(FE_TONEAREST);
}

/// Elsewhere the rounding mode is all that is looked at; it is reported as if it were MXCSR's.
EnvironmentChange take_environment_change() {
    EnvironmentChange change;
    if (std::fegetround() != FE_TONEAREST) change.mxcsr = static_cast<std::uint32_t>(std::fegetround());
    reset_environment();
    return change;
}

#endif

std::string text_of(const EnvironmentChange& change) {
    std::string text = "left";
    const auto add = [&text](const std::string& part) { text += (text == "left" ? " " : ", ") + part; };
    if (change.mxcsr != 0) add(fmt::format("MXCSR's control bits {:#x}, expected 0x1f80", change.mxcsr));
    if (change.x87_control != 0) add(fmt::format("the x87 control word {:#x}, expected 0x37f", change.x87_control));
    if (change.x87_in_use != 0) add("registers of the x87 stack in use (MMX code without emms)");
    if (change.direction != 0) add("the direction flag set");
    return text;
}

}  // namespace dfp16::kernel
