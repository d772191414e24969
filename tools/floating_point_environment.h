#pragma once

#include <cfenv>
#include <stdexcept>
#include <string>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace dfp16 {

/// The contract's FP32 rules need rounding to nearest even, and subnormals (no FTZ, no DAZ). Throws std::runtime_error
/// where the calling thread has it otherwise; `when` goes into the message.
inline void check_floating_point_environment(const std::string& when) {
    bool as_expected = std::fegetround() == FE_TONEAREST;
#if defined(__SSE__)
    constexpr unsigned kControl = 0xE040;  // FTZ, rounding control, DAZ (SDM volume 1, section 10.2.3)
    as_expected = as_expected && (_mm_getcsr() & kControl) == 0;
#endif
    if (!as_expected) throw std::runtime_error("rounding mode or subnormal handling was changed " + when);
}

}  // namespace dfp16
