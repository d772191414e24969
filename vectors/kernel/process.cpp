#include "vectors/kernel/process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "sim/types/error.h"
#include "vectors/kernel/traps.h"
#include "vectors/kernel/worker.h"

namespace dfp16::kernel {

namespace {

/// Waits for something to read, or the other side's end; false after the time limit.
bool readable_within(int socket, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd wanted{socket, POLLIN, 0};
        const int ready = poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) throw InputError(fmt::format("cannot wait for the kernel's process: {}", strerror(errno)));
    }
}

std::string text_of_status(int status) {
    if (WIFEXITED(status)) return fmt::format("ended with status {}", WEXITSTATUS(status));
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

}  // namespace

Process::Process(std::string library, std::chrono::milliseconds time_limit)
    : library_(std::move(library)),
      time_limit_(time_limit),
      memory_(sizeof(Control)),
      control_(new (memory_.begin()) Control) {}

Process::~Process() {
    bury();
}

void Process::start(const Arena& arena) {
    if (child_ > 0 && generation_ == arena.generation()) return;
    bury();
    fork_child(arena);
    generation_ = arena.generation();
    expect_loaded();
}

void Process::fork_child(const Arena& arena) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        throw InputError(fmt::format("cannot start a process for {}: {}", library_, strerror(errno)));
    }
    new (control_) Control;
    child_ = fork();
    if (child_ == 0) work(library_, *control_, arena, ends[1]);
    const int why = errno;
    close(ends[1]);
    socket_ = ends[0];
    if (child_ > 0) return;
    bury();
    throw InputError(fmt::format("cannot start a process for {}: {}", library_, strerror(why)));
}

void Process::expect_loaded() {
    const Ending ending = wait();
    if (ending == Ending::done && control_->text[0] == '\0') return;
    std::string why;
    switch (ending) {
        case Ending::done: why = control_->text.data(); break;
        case Ending::trapped:
            why = fmt::format("crashed ({}) while it was loaded", strsignal(control_->trap.number));
            break;
        case Ending::exited: why = fmt::format("called exit({}) while it was loaded", control_->exit_status); break;
        case Ending::hung: why = fmt::format("was not loaded within {} s", time_limit_.count() / 1e3); break;
        case Ending::vanished: why = "its process " + farewell_ + " while it was loaded"; break;
    }
    bury();
    throw InputError(fmt::format("kernel library {}: {}", library_, why));
}

Ending Process::run_calls() {
    if (!send_signal(socket_, Signal::run)) {
        bury();
        return Ending::vanished;
    }
    return wait();
}

Ending Process::wait() {
    if (!readable_within(socket_, time_limit_)) {
        bury();
        return Ending::hung;
    }
    Signal signal{};
    const bool told = recv(socket_, &signal, 1, 0) == 1;
    if (told && signal != Signal::trapped && signal != Signal::exited) return Ending::done;
    bury();
    if (!told) return Ending::vanished;
    return signal == Signal::trapped ? Ending::trapped : Ending::exited;
}

/// A child that ended by itself keeps its status.
void Process::bury() {
    if (child_ > 0) {
        kill(child_, SIGKILL);
        int status = 0;
        while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
        }
        farewell_ = text_of_status(status);
    }
    if (socket_ >= 0) close(socket_);
    child_ = -1;
    socket_ = -1;
}

}  // namespace dfp16::kernel
