#pragma once

#include <string>

namespace dfp16 {

/// As a shell takes it for one word.
std::string quoted(const std::string& text);

}  // namespace dfp16
