#pragma once

#include <string>
#include <vector>

namespace dfp16 {

/// `dfp16 bench`: speed, as ratios to what is measured in the same run. Gives the exit status; throws InputError.
int bench_command(const std::vector<std::string>& arguments);

}  // namespace dfp16
