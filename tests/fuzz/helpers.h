// What fuzz targets share.
#pragma once

#include <stdexcept>
#include <string>

#include "sim/types/error.h"
#include "tests/fuzz/targets.h"

namespace dfp16::fuzz {

inline std::string text_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Throws what no target expects: a finding.
inline void require(bool condition, const std::string& what) {
    if (!condition) throw std::logic_error(what);
}

/// True if `body` ran through, false if it threw InputError, which must say something.
template <typename Body>
bool accepted(const Body& body) {
    try {
        body();
        return true;
    } catch (const InputError& error) {
        require(*error.what() != '\0', "an InputError without a message");
        return false;
    }
}

}  // namespace dfp16::fuzz
