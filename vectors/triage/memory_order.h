// Hypotheses on tensors that a kernel takes for others' order in memory.
#pragma once

#include <array>
#include <cstddef>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

/// Axes from the outermost to the innermost, by their numbers in the logical shape. Fewer dimensions use the first.
using Axes = std::array<std::size_t, 4>;

/// A kernel reads input number `input` as if its memory were in that order.
void offer_input_order(const Evidence& evidence, Trial& trial, std::size_t input, const Axes& axes);
/// A kernel writes its first differing output in that order.
void offer_output_order(const Evidence& evidence, Trial& trial, const Axes& axes);

}  // namespace dfp16::triage
