// Small cases from choices, for the target run_case.
#pragma once

#include <optional>

#include "tests/fuzz/choices.h"
#include "vectors/case.h"

namespace dfp16::fuzz {

/// A case without outputs: sizes that mostly fit each other, data that are random words, ends of the range, or chosen.
/// Nothing if operands_of() rejects it or it would take long.
std::optional<Case> case_from(Choices& choices);

}  // namespace dfp16::fuzz
