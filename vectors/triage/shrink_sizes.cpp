#include "vectors/triage/resize.h"
#include "vectors/triage/search.h"
#include "vectors/triage/simpler_values.h"
#include "vectors/triage/sizes.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

namespace {

/// One step of one size.
bool shrink_size(Search& search, std::size_t number) {
    const std::vector<Size> sizes = sizes_of(search.best());
    if (number >= sizes.size()) return false;  // parts of a concat that are gone
    const Size& size = sizes[number];
    for (const std::int64_t value : smaller_sizes(size.value, size.least)) {
        CaseHeader header = search.best();
        size.set(header, value);
        for (const Keep keep : {Keep::first, Keep::last}) {
            auto candidate = resized(search.best(), header, keep);
            if (candidate && search.accept(std::move(*candidate))) return true;
        }
    }
    return false;
}

}  // namespace

bool shrink_sizes(Search& search, std::int64_t products) {
    const auto reached = [&] { return products > 0 && products_of(search.best()) <= products; };
    bool changed = false;
    for (bool again = true; again && !search.exhausted() && !reached();) {
        again = false;
        for (std::size_t i = 0; i < sizes_of(search.best()).size(); ++i) {
            while (!reached() && shrink_size(search, i)) again = true;
        }
        changed = changed || again;
    }
    return changed;
}

}  // namespace dfp16::triage
