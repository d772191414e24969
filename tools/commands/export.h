#pragma once

#include <string>
#include <vector>

namespace dfp16 {

/// `dfp16 export`. Gives the exit status; throws InputError for bad usage or input.
int export_command(const std::vector<std::string>& arguments);

}  // namespace dfp16
