// The mutation score as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "vectors/mutants/mutation_score.h"

namespace dfp16 {

/// mutants, caught, caught_without_corner_classes, level, seed, cases, results: one object a mutant.
boost::json::object to_json(const MutationReport& report);

}  // namespace dfp16
