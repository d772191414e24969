#pragma once

#include <stdexcept>
#include <string>

namespace dfp16 {

/// Two executions of the contract gave different bits. The message says where; the command ends with status 1.
class MismatchError : public std::runtime_error {
public:
    explicit MismatchError(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace dfp16
