// Errors that are the user's to mend: bad input, bad usage. The command turns them into one line and status 2.
#pragma once

#include <stdexcept>
#include <string>

namespace dfp16 {

/// Input or usage that the contract rejects. The message says what, where, and what was expected.
class InputError : public std::runtime_error {
public:
    explicit InputError(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace dfp16
