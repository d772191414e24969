// Every way in which the fast path can compute a product on this CPU.
#pragma once

#include <string>
#include <vector>

#include "fastpath/products.h"

namespace dfp16::fast {

/// Every ISA; and amx by byte tiles even where dot tiles are faster.
inline std::vector<Products> product_ways(ThreadPool& pool) {
    std::vector<Products> ways;
    for (const Isa isa : supported_isas()) ways.push_back({isa, &pool});
    if (supported(Isa::amx)) ways.push_back({Isa::amx, &pool, true});
    return ways;
}

inline std::string name_of(const Products& way) {
    return std::string(name_of(way.isa)) + (way.always_byte_tiles ? ", always byte tiles" : "");
}

}  // namespace dfp16::fast
