// Failures at the edge between C++ and C: no exception passes.
#pragma once

#include <exception>
#include <string>

#include "sim/types/error.h"

namespace dfp16::dpi {

/// What dfp16_dpi_error() gives.
inline std::string& error_text() {
    thread_local std::string text;
    return text;
}

inline int fail(const std::string& what) noexcept {
    try {
        error_text() = what;
    } catch (const std::exception&) {
        error_text().clear();  // no memory for the text
    }
    return 1;
}

/// Runs body(): 0, or 1 and its error's text.
template <typename Body>
int guarded(Body body) noexcept {
    try {
        body();
        return 0;
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}

inline void require(bool holds, const std::string& what) {
    if (!holds) throw InputError(what);
}

/// "chain = 0, expected 1 or more" and the like.
inline void require_range(const char* name, long long value, long long least, long long most) {
    require(value >= least && value <= most, std::string(name) + " = " + std::to_string(value) + ", expected " +
                                                 std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace dfp16::dpi
