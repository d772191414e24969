#include "vectors/stream/pipe_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "sim/types/error.h"
#include "vectors/kernel_fault.h"

extern char** environ;

namespace dfp16 {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kTimeToEnd{1000};

/// A write to a pipe that nobody reads gives EPIPE meanwhile, and no signal.
class NoSigpipe {
public:
    NoSigpipe() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoSigpipe() {
        const timespec none{0, 0};
        while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &none) == SIGPIPE) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;

private:
    sigset_t pipe_;
    sigset_t before_;
    bool was_pending_ = false;
};

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() {
        if (pipe2(ends, O_CLOEXEC) != 0) throw InputError(std::string("no pipe: ") + std::strerror(errno));
    }
    ~Pipe() {
        for (const int end : ends) {
            if (end >= 0) close(end);
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int take(std::size_t end) { return std::exchange(ends[end], -1); }
};

/// Gives the process; `in` and `out` become its standard input and output.
pid_t spawn(const std::string& command, int in, int out) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    const char* arguments[] = {"sh", "-c", command.c_str(), nullptr};
    pid_t pid = -1;
    const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw InputError("cannot start '" + command + "': " + std::strerror(error));
    return pid;
}

}  // namespace

PipeProcess::PipeProcess(const std::string& command) : command_(command) {
    Pipe to;
    Pipe from;
    pid_ = spawn(command, to.ends[0], from.ends[1]);
    to_ = to.take(1);
    from_ = from.take(0);
    fcntl(to_, F_SETFL, O_NONBLOCK);
}

PipeProcess::~PipeProcess() {
    close(to_);
    if (!ended_ && pending_.size() == written_) wait_for(kTimeToEnd);
    kill_group();
    close(from_);
}

void PipeProcess::kill_group() {
    if (pid_ < 0) return;
    kill(-pid_, SIGKILL);  // also what the shell has left behind
    while (!ended_ && waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    pid_ = -1;
}

bool PipeProcess::wait_for(milliseconds longest) {
    const auto until = Clock::now() + longest;
    while (!ended_) {
        ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
        if (ended_ || Clock::now() >= until) break;
        std::this_thread::sleep_for(milliseconds(1));
    }
    return ended_;
}

void PipeProcess::send(std::string text, double timeout_seconds) {
    pending_ = std::move(text);
    written_ = 0;
    timeout_seconds_ = timeout_seconds;
    deadline_ =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeout_seconds));
}

void PipeProcess::send_last(const std::string& text) {
    pending_ = text;
    written_ = 0;
    write_some();
}

void PipeProcess::write_some() {
    const NoSigpipe guard;
    const ssize_t written = write(to_, pending_.data() + written_, pending_.size() - written_);
    if (written > 0) written_ += static_cast<std::size_t>(written);
    if (written < 0 && errno == EPIPE) written_ = pending_.size();  // its end, or its answer, says more
    if (written_ == pending_.size()) pending_ = {}, written_ = 0;
}

std::size_t PipeProcess::read(char* into, std::size_t size) {
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
        if (left.count() <= 0) {
            kill_group();
            throw KernelFault(FaultKind::hang,
                              fmt::format("no answer within {} s (is the output of '{}' flushed behind "
                                          "every 'end'?)",
                                          timeout_seconds_, command_));
        }
        pollfd ends[2] = {{from_, POLLIN, 0}, {written_ < pending_.size() ? to_ : -1, POLLOUT, 0}};
        const int longest = static_cast<int>(std::min<std::int64_t>(left.count() + 1, 60'000));
        if (poll(ends, 2, longest) < 0 && errno != EINTR)
            throw InputError(std::string("poll: ") + std::strerror(errno));
        if (ends[1].revents != 0) write_some();
        if (ends[0].revents == 0) continue;
        const ssize_t got = ::read(from_, into, size);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) fail_ended();
    }
}

void PipeProcess::fail_ended() {
    const bool by_itself = wait_for(kTimeToEnd);
    kill_group();
    if (by_itself && WIFSIGNALED(status_)) {
        throw KernelFault(FaultKind::crash, fmt::format("'{}' ended by signal {} ({}) before its answer", command_,
                                                        WTERMSIG(status_), strsignal(WTERMSIG(status_))));
    }
    if (!by_itself) {
        throw KernelFault(FaultKind::failed,
                          fmt::format("'{}' closed its standard output before its answer", command_));
    }
    const int status = WEXITSTATUS(status_);
    const bool signal = status > 128 && status < 128 + NSIG;  // as the shell gives it
    throw KernelFault(
        signal ? FaultKind::crash : FaultKind::failed,
        fmt::format("'{}' ended with status {}{} before its answer", command_, status,
                    signal ? fmt::format(" (signal {}, {})", status - 128, strsignal(status - 128)) : ""));
}

}  // namespace dfp16
