// Hypotheses on windows: of convolutions and of pooling.
#pragma once

#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

/// max_pool_forward, max_pool_backward, average_pool_forward.
bool has_pool_model(OpKind op);
/// Convolutions, and pooling as above.
bool has_window(const CaseHeader& header);
/// The case's own, of either.
Geometry window_geometry(const CaseHeader& header);
/// What a kernel with that geometry gives.
void offer_geometry(const Evidence& evidence, Trial& trial, const std::string& words, const Geometry& geometry);

/// "padding (1,1) instead of (0,1)"
std::string padding_words(const Geometry& wrong, const Geometry& right);
std::string stride_words(const Geometry& wrong, const Geometry& right);

}  // namespace dfp16::triage
