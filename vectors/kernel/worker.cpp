#include "vectors/kernel/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "vectors/kernel/load.h"
#include "vectors/kernel/traps.h"

namespace dfp16::kernel {

namespace {

/// Where the socket is put; all files above it are closed: a kernel has no business with the parent's.
constexpr int kSocket = 3;

/// Cuts the ties to the parent: what a kernel prints goes to stderr, it reads nothing, and it dies with the parent.
void settle(int socket) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    __fpurge(stdout);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (socket != kSocket) dup2(socket, kSocket);
    close_range(kSocket + 1, ~0u, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
}

/// noexcept: what a kernel throws must not unwind into the copy of the parent, but end in abort().
void do_calls(const dfp16_kernel_library& library, Control& control) noexcept {
    const dfp16_run run = library.entries[control.entry]->run;
    for (std::size_t i = 0; i < control.runs; ++i) {
        control.run = i;
        reset_environment();
        const int status = run(control.calls[i]);
        control.environment[i] = take_environment_change();
        control.status[i] = status;
        if (status != DFP16_DONE) break;
    }
}

}  // namespace

void work(const std::string& path, Control& control, const Arena& arena, int socket) {
    settle(socket);
    arena.make_inputs_read_only();
    catch_traps(control, kSocket);
    reset_environment();
    const dfp16_kernel_library* library = load(path, control);
    send_signal(kSocket, library != nullptr ? Signal::loaded : Signal::refused);
    Signal signal{};
    while (library != nullptr && recv(kSocket, &signal, 1, 0) == 1) {
        do_calls(*library, control);
        if (!send_signal(kSocket, Signal::done)) break;
    }
    _exit(0);
}

}  // namespace dfp16::kernel
