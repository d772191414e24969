// A child process that is written to and read from through pipes, never waiting for one while the other waits for us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "vectors/stream/text_source.h"

namespace dfp16 {

class PipeProcess : public ByteSource {
public:
    /// Starts /bin/sh -c `command` in a process group of its own. Throws InputError if there can be none.
    explicit PipeProcess(const std::string& command);
    /// Closes its standard input, gives it a second to end, then kills the group.
    ~PipeProcess() override;
    PipeProcess(const PipeProcess&) = delete;
    PipeProcess& operator=(const PipeProcess&) = delete;

    /// What read() is to write meanwhile, and until when it may wait.
    void send(std::string text, double timeout_seconds);
    /// Some of its standard output. Throws KernelFault: hang after the time of send(); crash or failed when it has
    /// ended.
    std::size_t read(char* into, std::size_t size) override;
    /// Sends text without waiting for any answer to it, as far as the pipe takes it at once.
    void send_last(const std::string& text);

private:
    [[noreturn]] void fail_ended();
    /// Whether it has ended after at most that long; sets status_.
    bool wait_for(std::chrono::milliseconds longest);
    void write_some();
    void kill_group();

    std::string command_;
    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
    int status_ = 0;
    bool ended_ = false;
    std::string pending_;
    std::size_t written_ = 0;
    double timeout_seconds_ = 0;
    std::chrono::steady_clock::time_point deadline_;
};

}  // namespace dfp16
