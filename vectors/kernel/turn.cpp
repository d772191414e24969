#include "vectors/kernel/turn.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace dfp16::kernel {

namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);

using Clock = std::chrono::steady_clock;

/// Sleeps while the word has the value, and no longer than the limit.
void sleep_while(const std::atomic<std::uint32_t>& word, std::uint32_t value, const timespec* limit) {
    syscall(SYS_futex, &word, FUTEX_WAIT, value, limit, nullptr, 0);
}

}  // namespace

void Turn::give(Signal signal) {
    word_.store(static_cast<std::uint32_t>(signal), std::memory_order_release);
    syscall(SYS_futex, &word_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

bool Turn::await_run(pid_t parent) {
    constexpr timespec kLook{1, 0};
    const auto run = static_cast<std::uint32_t>(Signal::run);
    for (std::uint32_t value = word_; value != run; value = word_) {
        sleep_while(word_, value, &kLook);
        if (getppid() != parent) return false;
    }
    return true;
}

Signal Turn::await_answer(std::chrono::milliseconds limit) {
    const auto end = Clock::now() + limit;
    for (;;) {
        const std::uint32_t value = word_;
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now()).count();
        if (value > static_cast<std::uint32_t>(Signal::run) || left <= 0) return static_cast<Signal>(value);
        const timespec rest{left / 1'000'000'000, left % 1'000'000'000};
        sleep_while(word_, value, &rest);
    }
}

}  // namespace dfp16::kernel
