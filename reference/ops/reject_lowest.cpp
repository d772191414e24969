#include "reference/ops/reject_lowest.h"

#include <algorithm>
#include <string>

#include "sim/types/error.h"

namespace dfp16 {

void reject_lowest(const HostTensor& operand, const char* which) {
    const auto& mantissas = operand.mantissas();
    const auto found = std::find(mantissas.begin(), mantissas.end(), Mantissa{-32768});
    if (found == mantissas.end()) return;
    throw InputError(std::string(which) + " operand: element " + std::to_string(found - mantissas.begin()) +
                     " is -32768, expected -32767 to 32767");
}

}  // namespace dfp16
