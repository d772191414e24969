// The sizes of an operation, one by one, with what depends on them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vectors/case_header.h"

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

}  // namespace dfp16::triage
