#include "tools/interrupt.h"

#include <atomic>
#include <csignal>

#include "reference/files/temporary_file.h"

namespace dfp16 {

namespace {

static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free, "used in a handler");

std::atomic<bool> can_stop{false};
std::atomic<int> asked_by{0};

extern "C" void on_interrupt(int signal) {
    int none = 0;
    if (can_stop && asked_by.compare_exchange_strong(none, signal)) return;
    remove_temporary_files();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

}  // namespace

void handle_interrupts() {
    for (const int signal : {SIGINT, SIGTERM}) {
        struct sigaction action {};
        if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;  // as nohup leaves it
        action.sa_handler = on_interrupt;
        action.sa_flags = SA_RESTART | SA_NODEFER;
        sigaction(signal, &action, nullptr);
    }
}

StopRequest::StopRequest() {
    can_stop = true;
}

StopRequest::~StopRequest() {
    can_stop = false;
}

int StopRequest::signal() const {
    return asked_by;
}

}  // namespace dfp16
