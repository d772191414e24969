#include "reference/files/hdf5_crash.h"

#include <unistd.h>

#include <csignal>
#include <cstring>

namespace dfp16::hdf5 {

namespace {

thread_local const char* file_in_work = nullptr;

struct Handled {
    int signal;
    struct sigaction before;
};
Handled handled[] = {{SIGSEGV, {}}, {SIGBUS, {}}};

void print(const char* text) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

/// Async-signal-safe. Where no file is read, the fault happens again, without this handler.
void explain(int) {
    if (file_in_work == nullptr) {
        for (const Handled& one : handled) sigaction(one.signal, &one.before, nullptr);
        return;
    }
    print("dfp16: ");
    print(file_in_work);
    print(": damaged HDF5 file, on which the HDF5 library crashed; expected an intact one\n");
    _exit(2);
}

}  // namespace

Reading::Reading(const std::string& path) : before_(file_in_work) {
    file_in_work = path.c_str();
}

Reading::~Reading() {
    file_in_work = before_;
}

void explain_crashes() {
    struct sigaction action {};
    action.sa_handler = explain;
    sigemptyset(&action.sa_mask);
    for (Handled& one : handled) sigaction(one.signal, &action, &one.before);
}

}  // namespace dfp16::hdf5
