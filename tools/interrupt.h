// SIGINT and SIGTERM as a question that long work asks, so that it can end in order.
#pragma once

namespace dfp16 {

/// While one exists, the first SIGINT or SIGTERM is noted instead of ending the process; a second one ends it.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// Whether a signal came.
    bool requested() const;
    /// Ends the process by the signal that came.
    [[noreturn]] void end_process() const;
};

}  // namespace dfp16
