#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dfp16 {

/// A fixed set of threads that share loops over independent work. One loop at a time; not re-entrant.
class ThreadPool {
public:
    /// threads >= 1, the caller's included. Throws InputError if the system gives fewer.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const { return static_cast<int>(workers_.size()) + 1; }
    /// Calls body(index, thread) for index 0 .. count-1, thread < threads(); returns when all are done. The first
    /// exception of a body is thrown again here. Each thread has an equal share of neighbours, in their order, always
    /// the same one of the same count, so that what it wrote in one loop is near in the next; one that is done takes
    /// from the ends of the others' shares.
    void parallel_for(std::int64_t count, const std::function<void(std::int64_t index, int thread)>& body);

private:
    /// What is left of a thread's share: first index in the lower half, end in the upper one.
    struct alignas(64) Share {
        std::atomic<std::uint64_t> left{0};
    };

    /// How long a thread looks before it sleeps.
    using Patience = std::chrono::microseconds;
    static constexpr Patience kPatience{50};

    void stop();
    void work(int thread);
    void run_shares(std::int64_t first, std::int64_t count, const std::function<void(std::int64_t, int)>& body);
    void drain(int thread);
    bool take(int share, bool from_end, std::uint32_t& index);
    void run(std::uint32_t index, int thread);
    /// Returns once `value` is no longer `old`: looks at it for a while, as the next loop or the end of this one is
    /// mostly some microseconds away, then sleeps. It has more patience next time if the sleep was a short one: two
    /// threads that wake late, and so let each other wait for too long, would go on so.
    void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old, Patience& patience) const;

    std::vector<std::thread> workers_;
    bool looks_ = false;  ///< there is a core for each thread
    // Written by parallel_for() before generation_, read by workers after it.
    const std::function<void(std::int64_t, int)>* body_ = nullptr;
    std::int64_t first_ = 0;
    bool stopping_ = false;
    std::vector<Share> shares_;  // by thread
    Patience patience_ = kPatience;  // the caller's
    std::atomic<std::uint32_t> generation_{0};
    std::atomic<std::uint32_t> active_{0};  ///< workers that are not done with this generation
    std::mutex error_mutex_;
    std::exception_ptr error_;
};

}  // namespace dfp16
