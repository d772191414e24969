// The golden backend: the contract's operations, scalar, one after the other, every tensor kept.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "reference/interface/backend.h"
#include "sim/overflow_oracle.h"

namespace dfp16 {

/// What the overflow oracle saw, by "layer/pass"; filled by every sum of products that a golden plan runs.
using OverflowLog = std::map<std::string, OverflowSummary>;

/// threads >= 1. `log` may be null; it must outlive the backend's plans.
std::unique_ptr<Backend> make_golden_backend(int threads, OverflowLog* log = nullptr);

}  // namespace dfp16
