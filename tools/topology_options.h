// --input, --classes and --width: what a network is made for.
#pragma once

#include <boost/program_options.hpp>

#include "reference/networks/network.h"

namespace dfp16 {

/// The options as given, each of which may be absent or unknown to the subcommand; what is not given is taken from
/// `otherwise`. Throws InputError.
TopologyOptions topology_options(const boost::program_options::variables_map& given, const InputSize& otherwise);

}  // namespace dfp16
