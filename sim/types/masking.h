#pragma once

namespace dfp16 {

/// What becomes of the lanes whose mask bit is 0 (contract section 13): there is no mask; they keep c; they become 0.
enum class Masking { none, merge, zero };

}  // namespace dfp16
