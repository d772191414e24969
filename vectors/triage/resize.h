// Smaller cases of the same operation: its sizes one by one, with what depends on them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vectors/case.h"

namespace dfp16::triage {

/// One number of a case's header that can become smaller.
struct Size {
    std::string name;
    std::int64_t value = 1;
    std::int64_t least = 1;
    std::function<void(CaseHeader& header, std::int64_t value)> set;  ///< and what depends on it: P, Q, extent
};

/// All of a case, by its operation.
std::vector<Size> sizes_of(const CaseHeader& header);

/// Which end of a tensor stays.
enum class Keep { first, last };

/// The case under a header of smaller sizes: every input cropped to its new shape. Nothing if the header is one that
/// the operation cannot have, or a tensor would have to grow.
std::optional<Case> resized(const Case& from, const CaseHeader& header, Keep keep);

/// Elements of all tensors.
std::int64_t elements_of(const Case& any);

}  // namespace dfp16::triage
