// Which elements of one dimension a pooling window holds, and the other way round. Internal linkage, for the kernels.
#pragma once

#include <cstdint>

namespace dfp16::fast {
namespace {

/// first .. end - 1.
struct Window {
    std::int64_t first;
    std::int64_t end;
};

/// The existing elements of window `output`.
inline Window window_of(std::int64_t output, std::int64_t stride, std::int64_t pad, std::int64_t window,
                        std::int64_t size) {
    const std::int64_t start = output * stride - pad;
    const std::int64_t end = start + window;
    return {start < 0 ? 0 : start, end > size ? size : end};
}

/// Positions of window `output` within the padded input.
inline std::int64_t positions_of(std::int64_t output, std::int64_t stride, std::int64_t pad, std::int64_t window,
                                 std::int64_t size) {
    const std::int64_t rest = size + 2 * pad - output * stride;
    return rest < window ? rest : window;
}

/// The windows that hold element `input`.
inline Window windows_with(std::int64_t input, std::int64_t stride, std::int64_t pad, std::int64_t window,
                           std::int64_t outputs) {
    const std::int64_t padded = input + pad;
    const std::int64_t first = padded < window ? 0 : (padded - window) / stride + 1;
    const std::int64_t end = padded / stride + 1;
    return {first, end > outputs ? outputs : end};
}

}  // namespace
}  // namespace dfp16::fast
