#pragma once

#include <boost/program_options.hpp>

namespace dfp16 {

/// `dfp16 verify --stream`: the cases and answers of standard input. Gives the exit status.
int verify_stream_command(const boost::program_options::variables_map& given);

}  // namespace dfp16
