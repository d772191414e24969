#include "tools/interrupt.h"

#include <csignal>
#include <cstdlib>

namespace dfp16 {

namespace {

volatile std::sig_atomic_t came = 0;

void note(int signal) {
    came = signal;
    std::signal(signal, SIG_DFL);
}

}  // namespace

Interrupt::Interrupt() {
    came = 0;
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
}

Interrupt::~Interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool Interrupt::requested() const {
    return came != 0;
}

void Interrupt::end_process() const {
    std::signal(came, SIG_DFL);
    std::raise(came);
    std::abort();  // not reached: the signal ends the process
}

}  // namespace dfp16
