#pragma once

#include <chrono>

namespace dfp16::bench {

/// Wall-clock seconds of one call.
template <typename Run>
double seconds_of(const Run& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace dfp16::bench
