#include "vectors/kernel/traps.h"

#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

namespace dfp16::kernel {

namespace {

Control* shared = nullptr;
alignas(64) char handler_stack[1 << 16];

#if defined(__x86_64__)
void note_registers(const void* context, Trap& trap) {
    constexpr long long kWrite = 2;       // bit of a page fault's error code (SDM volume 3, section 4.7)
    constexpr long long kPageFault = 14;  // vector
    const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
    trap.knows_write = registers[REG_TRAPNO] == kPageFault;
    trap.has_address = trap.has_address && trap.knows_write;
    trap.write = (registers[REG_ERR] & kWrite) != 0;
    trap.stack = static_cast<std::uintptr_t>(registers[REG_RSP]);
}
#else
void note_registers(const void*, Trap&) {}
#endif

void on_signal(int number, siginfo_t* info, void* context) {
    Trap& trap = shared->trap;
    trap = {};
    trap.number = number;
    trap.has_address = number == SIGSEGV || number == SIGBUS;
    trap.address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    if (trap.has_address) note_registers(context, trap);
    shared->turn.give(Signal::trapped);
    _exit(1);
}

/// Before the handlers that this process had from its parent, which must not run here.
void on_exit_call(int status, void*) {
    shared->exit_status = status;
    shared->turn.give(Signal::exited);
    _exit(1);
}

}  // namespace

void catch_traps(Control& control) {
    shared = &control;
    stack_t stack{};
    stack.ss_sp = handler_stack;
    stack.ss_size = sizeof handler_stack;
    sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS}) {
        sigaction(number, &action, nullptr);
    }
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) signal(number, SIG_DFL);
    on_exit(on_exit_call, nullptr);
}

}  // namespace dfp16::kernel
