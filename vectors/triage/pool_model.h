// Pooling forward, and the gradient of max pooling, as a kernel computes them that has one thing of the windows wrong.
#pragma once

#include <optional>

#include "vectors/case.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

struct PoolModel {
    Geometry geometry;                 ///< P and Q stay the case's
    bool zeros_compete = false;        ///< padding takes part in the maximum as zeros
    bool from_zero = false;            ///< the maximum starts at zero: negative windows give 0
    bool last_wins = false;            ///< of equal maxima the last gets the gradient
    bool all_win = false;              ///< each of them gets it
    bool divides_by_existing = false;  ///< the average's divisor counts existing elements
    bool divides_by_window = false;    ///< the divisor is R*S for windows that are cut, too
};

/// The output under a model; nothing where a window meets no element and one is needed. For max_pool_forward,
/// max_pool_backward and average_pool_forward.
std::optional<HostTensor> output_under(const Case& inputs, const PoolModel& model);

}  // namespace dfp16::triage
