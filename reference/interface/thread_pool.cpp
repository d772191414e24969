#include "reference/interface/thread_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// Tells the core that this is a loop that waits.
void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/// Cores that this process may use.
int cores() {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

ThreadPool::ThreadPool(int threads) : looks_(threads <= cores()) {
    try {
        for (int thread = 1; thread < threads; ++thread) {
            workers_.emplace_back([this, thread] { work(thread); });
        }
    } catch (const std::system_error&) {
        const std::string started = std::to_string(workers_.size() + 1);
        stop();
        throw InputError("cannot start " + std::to_string(threads) + " threads, this system gave " + started);
    }
}

ThreadPool::~ThreadPool() {
    stop();
}

void ThreadPool::stop() {
    stopping_ = true;
    ++generation_;
    generation_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& body) {
    if (workers_.empty() || count <= 1) {
        for (std::int64_t index = 0; index < count; ++index) body(index, 0);
        return;
    }
    body_ = &body;
    count_ = count;
    next_ = 0;
    active_ = static_cast<std::uint32_t>(workers_.size());
    ++generation_;
    generation_.notify_all();
    drain(0);
    for (std::uint32_t active = active_; active != 0; active = active_) await_change(active_, active);
    body_ = nullptr;
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::work(int thread) {
    std::uint32_t seen = 0;
    while (true) {
        await_change(generation_, seen);
        ++seen;  // no generation is missed: the next one waits for this one's end
        if (stopping_) return;
        drain(thread);
        if (--active_ == 0) active_.notify_one();
    }
}

void ThreadPool::drain(int thread) {
    for (std::int64_t index = next_++; index < count_; index = next_++) {
        try {
            (*body_)(index, thread);
        } catch (...) {
            const std::lock_guard lock(error_mutex_);
            if (!error_) error_ = std::current_exception();
            next_ = count_;
        }
    }
}

void ThreadPool::await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) const {
    constexpr auto longest = std::chrono::microseconds(50);
    constexpr int pauses = 32;
    const auto start = std::chrono::steady_clock::now();
    while (looks_ && value == old && std::chrono::steady_clock::now() - start < longest) {
        for (int i = 0; i < pauses && value == old; ++i) pause();
    }
    while (value == old) value.wait(old);
}

}  // namespace dfp16
