#pragma once

#include <condition_variable>
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
    /// exception of a body is thrown again here.
    void parallel_for(std::int64_t count, const std::function<void(std::int64_t index, int thread)>& body);

private:
    void stop();
    void work(int thread);
    void drain(int thread);

    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable start_;
    std::condition_variable done_;
    const std::function<void(std::int64_t, int)>* body_ = nullptr;
    std::int64_t count_ = 0;
    std::int64_t next_ = 0;
    int active_ = 0;
    std::uint64_t generation_ = 0;
    bool stopping_ = false;
    std::exception_ptr error_;
};

}  // namespace dfp16
