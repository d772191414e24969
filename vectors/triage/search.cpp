#include "vectors/triage/search.h"

#include "vectors/triage/evidence.h"
#include "vectors/triage/resize.h"

namespace dfp16::triage {

Search::Search(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden,
               const ShrinkOptions& options)
    : kernel_(kernel), golden_(golden), options_(options), best_(failing), outcome_(failure) {}

bool Search::exhausted() const {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
    return runs_ >= options_.most_runs || spent.count() >= options_.most_seconds;
}

bool Search::accept(Case candidate) {
    if (exhausted()) return false;
    auto expected = golden_on(candidate, golden_);
    if (!expected) return false;
    ++runs_;
    Outcome outcome = outcome_of(candidate, *expected, kernel_);
    if (options_.progress) options_.progress(runs_, elements_of(best_));
    if (!same_failure(outcome, outcome_)) return false;
    best_ = std::move(candidate);
    best_.outputs = std::move(*expected);
    outcome_ = std::move(outcome);
    return true;
}

}  // namespace dfp16::triage
