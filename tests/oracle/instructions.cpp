#include "tests/oracle/instructions.h"

namespace oracle {

std::int32_t vpmaddwd(const Pair& p) {
    return modulo(Wide(p.a0) * p.b0 + Wide(p.a1) * p.b1);
}

std::int32_t vpdpwssd(std::int32_t c, const Pair& p) {
    return modulo(c + Wide(p.a0) * p.b0 + Wide(p.a1) * p.b1);
}

std::int32_t vpdpwssds(std::int32_t c, const Pair& p) {
    return saturated(c + Wide(p.a0) * p.b0 + Wide(p.a1) * p.b1);
}

std::int32_t vp4dpwssd(std::int32_t c, const std::array<Pair, 4>& steps) {
    for (const Pair& p : steps) c = vpdpwssd(c, p);
    return c;
}

std::int32_t vp4dpwssds(std::int32_t c, const std::array<Pair, 4>& steps) {
    for (const Pair& p : steps) c = vpdpwssds(c, p);
    return c;
}

}  // namespace oracle
