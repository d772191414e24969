// What the differing elements have in common, in words.
#pragma once

#include <string>
#include <vector>

#include "vectors/triage/evidence.h"

namespace dfp16::triage {

/// Number, places, values, causes; one line each, the telling ones only. Of the first output that differs; the others
/// are counted.
std::vector<std::string> patterns_of(const Evidence& evidence, bool with_sums);

// Its parts. Indices are of evidence.first_differing(), which may be empty where only an exponent differs.
/// How many, of which tensors.
void add_counts(const Evidence& evidence, std::vector<std::string>& lines);
/// All, one channel, a block of 16, a tail, every 16th, borders, the last elements.
void add_places(const Evidence& evidence, std::vector<std::string>& lines);
/// Signs, units, factors, constants, exponents.
void add_values(const Evidence& evidence, std::vector<std::string>& lines);
/// Expected values of other elements: shifted, transposed.
void add_moves(const Evidence& evidence, std::vector<std::string>& lines);
/// Only where a partial sum leaves INT32, a window meets padding, or a rounding is a tie. `with_sums`: the products may
/// be gone through.
void add_causes(const Evidence& evidence, bool with_sums, std::vector<std::string>& lines);

}  // namespace dfp16::triage
