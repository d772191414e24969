#pragma once

#include <boost/program_options.hpp>

namespace dfp16 {

/// `dfp16 verify --mutants`: the mutation score of the suites of a level. Gives the exit status: 1 if a mutant is not
/// caught.
int verify_mutants_command(const boost::program_options::variables_map& given);

}  // namespace dfp16
