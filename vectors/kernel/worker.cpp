#include "vectors/kernel/worker.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "vectors/kernel/load.h"
#include "vectors/kernel/traps.h"

namespace dfp16::kernel {

namespace {

/// Cuts the ties to the parent: what a kernel prints goes to stderr, it reads nothing, and sees none of the parent's
/// files.
void settle() {
    __fpurge(stdout);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    close_range(STDERR_FILENO + 1, ~0u, 0);
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

void work(const std::string& path, Control& control, const Arena& arena) {
    settle();
    arena.make_inputs_read_only();
    catch_traps(control);
    reset_environment();
    const dfp16_kernel_library* library = load(path, control);
    if (library == nullptr) {
        control.turn.give(Signal::refused);
        _exit(1);
    }
    control.turn.give(Signal::loaded);
    while (control.turn.await_run(control.parent)) {
        alarm(control.most_seconds);
        do_calls(*library, control);
        alarm(0);
        control.turn.give(Signal::done);
    }
    _exit(0);
}

}  // namespace dfp16::kernel
