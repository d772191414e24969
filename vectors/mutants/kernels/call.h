// What a kernel of the zoo is called with. These kernels are written as optimized ones are and share nothing with
// golden.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/interface/backend.h"
#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "vectors/mutants/bugs.h"

namespace dfp16::mutants {

inline constexpr std::size_t kLanes = 16;

/// What a library keeps from call to call.
struct KernelState {
    int last_exponent = 0;
    std::vector<std::int16_t> padded_int16;  ///< an image with its border
    std::vector<float> padded_fp32;
    std::vector<float> last_output;
};

struct Call {
    Bug bug;
    const OpParams& params;
    const RunContext& context;
    std::vector<HostTensor*> in;
    std::vector<HostTensor*> out;  ///< one that is updated in place is in `in` too
    KernelState& state;
};

inline std::int16_t int16_at(const HostTensor& tensor, std::size_t i) {
    return tensor.mantissas()[i].value;
}

inline std::size_t size_of(const HostTensor& tensor) {
    return static_cast<std::size_t>(tensor.elements());
}

}  // namespace dfp16::mutants
