// The mutation score: how many kernels with a realistic bug the golden vectors catch, and by which of their classes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vectors/mutants/bugs.h"

namespace dfp16 {

struct MutationOptions {
    int level = 1;
    std::uint64_t seed = 1;
    int threads = 1;
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< of mutants; may be empty
};

/// A case that catches a mutant.
struct CatchingCase {
    std::string suite;
    std::int64_t number = 0;  ///< in its suite, as generate numbers it
    std::string name;
};

/// How many of a class's cases catch a mutant.
struct ClassCatch {
    std::string name;
    std::int64_t caught = 0;
    std::int64_t cases = 0;  ///< that were run
};

struct MutantResult {
    mutants::BugInfo bug;
    std::int64_t cases = 0;
    std::int64_t caught = 0;        ///< cases that differ from golden
    std::int64_t caught_plain = 0;  ///< those of them without any corner class (vectors/case_class.h)
    std::vector<CatchingCase> caught_by;
    std::vector<ClassCatch> classes;  ///< those with at least one; the largest share first
};

struct MutationReport {
    int level = 1;
    std::uint64_t seed = 1;
    std::int64_t cases = 0;  ///< of the suites
    std::vector<MutantResult> results;

    std::int64_t mutants() const { return static_cast<std::int64_t>(results.size()); }
    std::int64_t caught() const;
    /// By plain cases alone. Mutants that are not repeatable do not count here.
    std::int64_t caught_without_corner_classes() const;
};

/// Makes the cases of every suite, golden's outputs once, and runs each mutant on the cases of its operations. What a
/// mutant throws for (a result beyond FP32) is caught as well. Throws InputError for a level that there is not.
MutationReport run_mutants(const MutationOptions& options);

/// The page docs/mutants.md: mutants and the classes that catch each. The same for the same level and seed.
std::string mutants_page(const MutationReport& report);

}  // namespace dfp16
