#include "vectors/kernel/process.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "sim/types/error.h"
#include "vectors/kernel/worker.h"

namespace dfp16::kernel {

namespace {

constexpr unsigned kGrace = 5;  // seconds beyond the time limit after which an orphan ends itself

/// Between looks whether the child is still there: it may end without a word.
constexpr std::chrono::milliseconds kLook{20};

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
    new (control_) Control;
    control_->parent = getpid();
    control_->most_seconds = static_cast<unsigned>(time_limit_ / std::chrono::seconds(1)) + kGrace;
    child_ = fork();
    if (child_ == 0) work(library_, *control_, arena);
    if (child_ < 0) throw InputError(fmt::format("cannot start a process for {}: {}", library_, strerror(errno)));
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
    control_->turn.give(Signal::run);
    return wait();
}

Ending Process::wait() {
    const auto end = std::chrono::steady_clock::now() + time_limit_;
    Signal signal{};
    Ending ending = Ending::done;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) ending = Ending::hung;
        signal = control_->turn.await_answer(std::min(left, kLook));
        if (signal == Signal::loaded || signal == Signal::refused || signal == Signal::done) return Ending::done;
        if (signal == Signal::trapped) ending = Ending::trapped;
        if (signal == Signal::exited) ending = Ending::exited;
        if (ending == Ending::done && ended()) ending = Ending::vanished;
    } while (ending == Ending::done);
    bury();
    return ending;
}

bool Process::ended() {
    int status = 0;
    if (waitpid(child_, &status, WNOHANG) != child_) return false;
    farewell_ = text_of_status(status);
    child_ = -1;
    return true;
}

void Process::bury() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
}

}  // namespace dfp16::kernel
