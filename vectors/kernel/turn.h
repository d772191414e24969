// Whose turn it is: a word in memory that parent and child share. Who waits sleeps on it (futex).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace dfp16::kernel {

/// What the word holds: `run` gives the turn to the child, all others to the parent.
enum class Signal : std::uint32_t {
    none,     ///< the child is loading the library
    run,      ///< do the calls of the control block
    loaded,   ///< the catalog is filled in
    refused,  ///< the library cannot be used; `text` says why
    done,     ///< the calls returned
    trapped,  ///< a signal; the child is about to end
    exited,   ///< the kernel called exit(); the child is about to end
};

class Turn {
public:
    /// Hands over. Safe in a signal handler.
    void give(Signal signal);
    /// The child's side: waits until it is told to run. False if the parent is gone.
    bool await_run(pid_t parent);
    /// The parent's side: waits at most so long for anything but `none` and `run`, and gives what there is.
    Signal await_answer(std::chrono::milliseconds limit);

private:
    std::atomic<std::uint32_t> word_{static_cast<std::uint32_t>(Signal::none)};
};

}  // namespace dfp16::kernel
