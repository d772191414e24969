#pragma once

#include <string>

#include "reference/networks/network.h"

namespace dfp16 {

/// Prints a network's layers, shapes, parameters and MACs (one image, forward); writes the same as JSON if `json_file`
/// is not empty. Gives the exit status.
int inspect_network(const std::string& name, const std::string& json_file, const TopologyOptions& options);

}  // namespace dfp16
