#pragma once

#include <string>
#include <vector>

namespace dfp16 {

/// `dfp16 report`: merges the JSON results of shards; gives a result in other forms.
int report_command(const std::vector<std::string>& arguments);

}  // namespace dfp16
