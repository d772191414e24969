// What a kernel under test may do wrong beside giving wrong bits. verify reports it as a failed case, in these words.
#pragma once

#include <stdexcept>
#include <string>

namespace dfp16 {

enum class FaultKind {
    crash,                ///< a signal
    hang,                 ///< no answer within the time limit
    outside_access,       ///< read or wrote memory outside its tensors
    input_changed,        ///< wrote to an input
    environment_changed,  ///< left MXCSR, the x87 control word or the direction flag changed
    unstable,             ///< answered differently on a second run with the same inputs
    failed,               ///< reported an error of its own, or ended
    malformed,            ///< its answer cannot be read (text streams)
};

/// "crash", "hang", "outside access", ...
constexpr const char* name_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::crash: return "crash";
        case FaultKind::hang: return "hang";
        case FaultKind::outside_access: return "outside access";
        case FaultKind::input_changed: return "input changed";
        case FaultKind::environment_changed: return "environment changed";
        case FaultKind::unstable: return "unstable";
        case FaultKind::failed: return "failed";
        case FaultKind::malformed: return "malformed answer";
    }
    return "?";
}

/// Thrown by Plan::run() of a kernel under test. what() says all that is known, in one line.
class KernelFault : public std::runtime_error {
public:
    KernelFault(FaultKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    FaultKind kind() const { return kind_; }

private:
    FaultKind kind_;
};

/// Thrown by Backend::prepare() or Plan::run() of a kernel under test for an operation, or parameters of it, that it
/// does not implement: the case is skipped, and counted so.
class UnsupportedOperation : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace dfp16
