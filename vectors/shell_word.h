// Text for commands that a user copies into a shell.
#pragma once

#include <string>

namespace dfp16 {

/// As a shell takes it for one word: quoted where it has to be.
std::string shell_word(const std::string& text);

}  // namespace dfp16
