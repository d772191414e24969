#pragma once

namespace dfp16 {

/// How a value between two integers becomes one of them (contract section 3).
enum class Rounding { nearest_even, toward_zero, stochastic };

}  // namespace dfp16
