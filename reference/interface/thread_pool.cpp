#include "reference/interface/thread_pool.h"

#include <string>
#include <system_error>

#include "sim/types/error.h"

namespace dfp16 {

ThreadPool::ThreadPool(int threads) {
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
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    start_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& body) {
    if (workers_.empty()) {
        for (std::int64_t index = 0; index < count; ++index) body(index, 0);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        body_ = &body;
        count_ = count;
        next_ = 0;
        error_ = nullptr;
        active_ = static_cast<int>(workers_.size());
        ++generation_;
    }
    start_.notify_all();
    drain(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return active_ == 0; });
    body_ = nullptr;
    if (error_) std::rethrow_exception(error_);
}

void ThreadPool::work(int thread) {
    std::uint64_t seen = 0;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
            if (stopping_) return;
            seen = generation_;
        }
        drain(thread);
        {
            const std::lock_guard lock(mutex_);
            --active_;
        }
        done_.notify_one();
    }
}

void ThreadPool::drain(int thread) {
    while (true) {
        std::int64_t index = 0;
        {
            const std::lock_guard lock(mutex_);
            if (next_ >= count_) return;
            index = next_++;
        }
        try {
            (*body_)(index, thread);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            next_ = count_;
        }
    }
}

}  // namespace dfp16
