// Sums of products over a list of factors.
#include <algorithm>
#include <bit>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "sim/accumulate.h"
#include "vectors/dpi/dfp16_dpi.h"
#include "vectors/dpi/guard.h"

using namespace dfp16;

namespace {

struct Factors {
    Mantissa a, b;
};

using List = std::vector<Factors>;

List& list_of(void* list) {
    dpi::require(list != nullptr, "null, expected a list");
    return *static_cast<List*>(list);
}

struct Pairs {
    std::vector<Mantissa> a, b;
};

/// With the partner of a last odd one.
Pairs paired(void* list) {
    Pairs pairs;
    for (const Factors& factors : list_of(list)) {
        pairs.a.push_back(factors.a);
        pairs.b.push_back(factors.b);
    }
    if (pairs.a.size() % 2 == 1) {
        pairs.a.push_back({0});
        pairs.b.push_back({0});
    }
    return pairs;
}

void reject_lowest(const std::vector<Mantissa>& factors, const char* which) {
    const auto found = std::find(factors.begin(), factors.end(), Mantissa{-32768});
    dpi::require(found == factors.end(), std::string(which) + ": factor " + std::to_string(found - factors.begin()) +
                                             " is -32768, expected -32767 to 32767");
}

}  // namespace

void* dfp16_list_new(void) {
    return new (std::nothrow) List;
}

void dfp16_list_free(void* list) {
    delete static_cast<List*>(list);
}

int dfp16_list_clear(void* list) {
    return dpi::guarded([&] { list_of(list).clear(); });
}

int dfp16_list_push(void* list, short a, short b) {
    return dpi::guarded([&] { list_of(list).push_back({{a}, {b}}); });
}

int dfp16_list_exact(void* list, long long* sum) {
    return dpi::guarded([&] {
        const Pairs pairs = paired(list);
        reject_lowest(pairs.a, "a");
        reject_lowest(pairs.b, "b");
        *sum = exact_sum(pairs.a, pairs.b);
    });
}

int dfp16_list_chain(void* list, int chain, int* acc) {
    return dpi::guarded([&] {
        dpi::require_range("chain", chain, 1, std::numeric_limits<int>::max());
        const Pairs pairs = paired(list);
        *acc = std::bit_cast<int>(chain_sum(0.0f, pairs.a, pairs.b, chain));
    });
}

int dfp16_list_wrap(void* list, int* acc) {
    return dpi::guarded([&] {
        const Pairs pairs = paired(list);
        *acc = wrap_sum({0}, pairs.a, pairs.b).value;
    });
}

int dfp16_list_saturate(void* list, int* acc) {
    return dpi::guarded([&] {
        const Pairs pairs = paired(list);
        *acc = saturate_sum({0}, pairs.a, pairs.b).value;
    });
}
