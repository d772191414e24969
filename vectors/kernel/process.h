// The parent's side of the child process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "vectors/kernel/arena.h"
#include "vectors/kernel/control.h"
#include "vectors/kernel/shared_memory.h"

namespace dfp16::kernel {

/// How the calls of the control block ended.
enum class Ending {
    done,      ///< see control().status and environment
    trapped,   ///< see control().trap
    exited,    ///< the kernel called exit(): see control().exit_status
    hung,      ///< no answer within the time limit; the child was killed
    vanished,  ///< the child ended otherwise; see Process::farewell()
};

/// A child that has the library loaded. It is started when there is something to do, and again after its end.
class Process {
public:
    Process(std::string library, std::chrono::milliseconds time_limit);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Control& control() const { return *control_; }
    std::chrono::milliseconds time_limit() const { return time_limit_; }
    /// Starts a child that sees the arena as it is now, unless there is one. Throws InputError if the library cannot be
    /// used: one line.
    void start(const Arena& arena);
    /// Lets the started child do the calls of the control block.
    Ending run_calls();
    /// How the child vanished: "ended with status 3", "was killed by signal 9 (Killed)".
    const std::string& farewell() const { return farewell_; }

private:
    void fork_child(const Arena& arena);
    void expect_loaded();
    Ending wait();
    /// Whether the child has ended, by itself.
    bool ended();
    /// Ends it if it has not.
    void bury();

    std::string library_;
    std::chrono::milliseconds time_limit_;
    SharedMemory memory_;
    Control* control_;
    pid_t child_ = -1;
    unsigned generation_ = 0;
    std::string farewell_;
};

}  // namespace dfp16::kernel
