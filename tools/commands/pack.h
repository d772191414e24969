#pragma once

#include <string>
#include <vector>

namespace dfp16 {

/// `dfp16 pack`. Gives the exit status; throws InputError for bad usage or input.
int pack_command(const std::vector<std::string>& arguments);

}  // namespace dfp16
