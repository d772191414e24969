// Hypotheses on rounding to DFP-16.
#pragma once

#include <optional>
#include <string>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

/// What a kernel gives that rounds by `round` everywhere; for add also in only one of its two roundings. Nothing for an
/// operation that does not round to DFP-16, and where the case asks for `mode` itself.
void offer_roundings(const Evidence& evidence, Trial& trial, std::optional<Rounding> mode, const std::string& words,
                     const RoundShift& round);

}  // namespace dfp16::triage
