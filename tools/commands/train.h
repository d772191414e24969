#pragma once

#include <string>
#include <vector>

namespace dfp16 {

/// `dfp16 train`. Gives the exit status; throws InputError for bad usage or input.
int train_command(const std::vector<std::string>& arguments);

}  // namespace dfp16
