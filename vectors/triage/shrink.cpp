#include "vectors/triage/shrink.h"

#include "vectors/triage/search.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

namespace {
constexpr int kMostRounds = 4;  // of sizes, then values
}

Shrunken shrink(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden,
                const ShrinkOptions& options) {
    Search search(failing, failure, kernel, golden, options);
    bool changed = true;
    for (int round = 0; changed && round < kMostRounds; ++round) {
        changed = shrink_sizes(search, 0);
        changed = shrink_values(search) || changed;
    }
    return search.result(!search.exhausted());
}

Shrunken shrink_to_products(const Case& failing, const Outcome& failure, std::int64_t products, Backend& kernel,
                            Backend& golden, const ShrinkOptions& options) {
    Search search(failing, failure, kernel, golden, options);
    shrink_sizes(search, products);
    return search.result(products_of(search.best()) <= products);
}

}  // namespace dfp16::triage
