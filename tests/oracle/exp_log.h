// Contract section 10, step by step in exact numbers.
#pragma once

namespace oracle {

/// x <= 0.
float exp(float x);
/// x >= 1, finite.
float log(float x);

}  // namespace oracle
