#include "reference/interface/thread_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// Indices that a share can hold.
constexpr std::int64_t kMostShared = std::int64_t{1} << 31;

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

ThreadPool::ThreadPool(int threads) : looks_(threads <= cores()), shares_(static_cast<std::size_t>(threads)) {
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
    for (std::int64_t first = 0; first < count; first += kMostShared) {
        run_shares(first, std::min(kMostShared, count - first), body);
    }
}

void ThreadPool::run_shares(std::int64_t first, std::int64_t count,
                            const std::function<void(std::int64_t, int)>& body) {
    body_ = &body;
    first_ = first;
    for (int thread = 0; thread < threads(); ++thread) {
        const auto begin = static_cast<std::uint64_t>(count * thread / threads());
        const auto end = static_cast<std::uint64_t>(count * (thread + 1) / threads());
        shares_[static_cast<std::size_t>(thread)].left = end << 32 | begin;
    }
    active_ = static_cast<std::uint32_t>(workers_.size());
    ++generation_;
    generation_.notify_all();
    drain(0);
    for (std::uint32_t active = active_; active != 0; active = active_) await_change(active_, active, patience_);
    body_ = nullptr;
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::work(int thread) {
    std::uint32_t seen = 0;
    Patience patience = kPatience;
    while (true) {
        await_change(generation_, seen, patience);
        ++seen;  // no generation is missed: the next one waits for this one's end
        if (stopping_) return;
        drain(thread);
        if (--active_ == 0) active_.notify_one();
    }
}

void ThreadPool::drain(int thread) {
    std::uint32_t index = 0;
    while (take(thread, false, index)) run(index, thread);
    for (int other = 1; other < threads(); ++other) {
        const int share = (thread + other) % threads();
        while (take(share, true, index)) run(index, thread);
    }
}

bool ThreadPool::take(int share, bool from_end, std::uint32_t& index) {
    std::atomic<std::uint64_t>& left = shares_[static_cast<std::size_t>(share)].left;
    std::uint64_t seen = left;
    while (true) {
        const auto begin = static_cast<std::uint32_t>(seen);
        const auto end = static_cast<std::uint32_t>(seen >> 32);
        if (begin == end) return false;
        index = from_end ? end - 1 : begin;
        const std::uint64_t rest = from_end ? seen - (std::uint64_t{1} << 32) : seen + 1;
        if (left.compare_exchange_weak(seen, rest)) return true;
    }
}

void ThreadPool::run(std::uint32_t index, int thread) {
    try {
        (*body_)(first_ + index, thread);
    } catch (...) {
        const std::lock_guard lock(error_mutex_);
        if (!error_) error_ = std::current_exception();
        for (Share& share : shares_) share.left = 0;
    }
}

void ThreadPool::await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old, Patience& patience) const {
    constexpr int pauses = 32;
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    while (looks_ && value == old && Clock::now() - start < patience) {
        for (int i = 0; i < pauses && value == old; ++i) pause();
    }
    if (value != old) return;
    const Clock::time_point asleep = Clock::now();
    while (value == old) value.wait(old);
    const Patience longest = 4 * kPatience;
    patience = Clock::now() - asleep < longest ? longest : kPatience;
}

}  // namespace dfp16
