#include "tools/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace dfp16 {

Progress::Progress(std::string what, std::int64_t before)
    : what_(std::move(what)), before_(before), terminal_(isatty(STDERR_FILENO) != 0) {
    if (!terminal_) shown_ = start_;  // the first line comes after ten seconds: short work stays silent
}

void Progress::interrupt() {
    if (open_line_) std::fputs("\n", stderr);
    open_line_ = false;
}

std::string Progress::with_estimate(std::int64_t done, std::int64_t total, double elapsed) const {
    const std::int64_t own = done - before_;
    const double left = own > 0 ? elapsed / static_cast<double>(own) * static_cast<double>(total - done) : 0.0;
    return fmt::format("{}/{} ({:.0f} %), {:.0f} s, ETA {:.0f} s", done, total,
                       100.0 * static_cast<double>(done) / static_cast<double>(total), elapsed, left);
}

void Progress::update(std::int64_t done, std::int64_t total, const std::string& note) {
    const auto now = Clock::now();
    const auto interval = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10000);
    if (now - shown_ < interval && !(terminal_ && done == total)) return;
    shown_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    std::string counts = fmt::format("{}, {:.0f} s", done, elapsed);
    if (total >= 0) counts = with_estimate(done, total, elapsed);
    const std::string line = what_ + ": " + counts + (note.empty() ? "" : ", " + note);
    const std::string shown = fmt::format("{}{}{}", terminal_ ? "\r" : "", line, terminal_ ? "\033[K" : "\n");
    std::fputs(shown.c_str(), stderr);  // a stderr that went away must not end the work
    std::fflush(stderr);
    open_line_ = terminal_;
}

}  // namespace dfp16
