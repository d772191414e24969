// The case under smaller sizes: its tensors cropped.
#pragma once

#include <cstdint>
#include <optional>

#include "vectors/case.h"

namespace dfp16::triage {

/// Which end of a tensor stays.
enum class Keep { first, last };

/// The case under a header of smaller sizes: every input cropped to its new shape; zeros where a gradient grows, as it
/// does under a smaller window. Nothing if the header is one that the operation cannot have.
std::optional<Case> resized(const Case& from, const CaseHeader& header, Keep keep);

/// Elements of all tensors.
std::int64_t elements_of(const Case& any);

}  // namespace dfp16::triage
