// One sum of FP32 products (contract section 5, policy `fma`).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "sim/types/error.h"

namespace dfp16 {

/// The products of a sum that exist, in order: each one's a, and the place of its b in the row that it will meet.
class ExistingProducts {
public:
    void clear() {
        a_.clear();
        places_.clear();
    }
    void add(float a, std::int64_t place) {
        a_.push_back(a);
        places_.push_back(static_cast<std::size_t>(place));
    }
    float sum(std::span<const float> b) const {
        float acc = 0.0f;
        for (std::size_t i = 0; i < a_.size(); ++i) acc = std::fma(a_[i], b[places_[i]], acc);
        return acc;
    }

private:
    std::vector<float> a_;
    std::vector<std::size_t> places_;
};

/// out[index] = acc. Throws InputError if that is not finite.
inline void store_finite(HostTensor& out, std::int64_t index, float acc) {
    if (!std::isfinite(acc)) {
        throw InputError("element " + std::to_string(index) + ": the sum is " + (std::isnan(acc) ? "NaN" : "infinite") +
                         ", expected a finite number");
    }
    out.fp32()[static_cast<std::size_t>(index)] = acc;
}

}  // namespace dfp16
