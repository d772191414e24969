// Work done ahead by background threads, handed out in order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sim/types/error.h"

namespace dfp16 {

/// Gives make(0), make(1), ... one after the other. Background threads make them ahead of their use, at most `ahead` of
/// them, so that memory is bounded; what comes out depends neither on the threads nor on their timing.
template <typename Result>
class OrderedQueue {
public:
    using Make = std::function<Result(std::int64_t index)>;

    /// threads >= 0; 0: next() makes its result itself. Throws InputError if the system gives fewer threads.
    OrderedQueue(int threads, std::int64_t ahead)
        : slots_(static_cast<std::size_t>(std::max<std::int64_t>({ahead, threads, 1}))) {
        try {
            for (int thread = 0; thread < threads; ++thread) workers_.emplace_back([this] { work(); });
        } catch (const std::system_error&) {
            const std::string started = std::to_string(workers_.size());
            stop();
            throw InputError("cannot start " + std::to_string(threads) + " threads, this system gave " + started);
        }
    }
    ~OrderedQueue() { stop(); }
    OrderedQueue(const OrderedQueue&) = delete;
    OrderedQueue& operator=(const OrderedQueue&) = delete;

    /// Forgets what was under way; from now on next() gives make(0) to make(count - 1). What `make` refers to must live
    /// until the next start() or the end of the queue.
    void start(Make make, std::int64_t count) {
        std::unique_lock lock(mutex_);
        count_ = begun_;  // nothing more is begun
        changed_.wait(lock, [this] { return busy_ == 0; });
        make_ = std::move(make);
        begun_ = taken_ = 0;
        count_ = count;
        for (Slot& slot : slots_) slot = {};
        changed_.notify_all();
    }

    /// The next result, waited for if need be; the exception that its make() threw is thrown here.
    Result next() {
        if (workers_.empty()) return make_(taken_++);
        std::unique_lock lock(mutex_);
        Slot& slot = slot_of(taken_);
        changed_.wait(lock, [&] { return slot.result || slot.error; });
        Slot taken = std::exchange(slot, {});
        ++taken_;
        lock.unlock();
        changed_.notify_all();
        if (taken.error) std::rethrow_exception(taken.error);
        return std::move(*taken.result);
    }

private:
    struct Slot {
        std::optional<Result> result;
        std::exception_ptr error;
    };

    Slot& slot_of(std::int64_t index) { return slots_[static_cast<std::size_t>(index) % slots_.size()]; }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            const auto room = static_cast<std::int64_t>(slots_.size());
            changed_.wait(lock, [&] { return stopping_ || (begun_ < count_ && begun_ < taken_ + room); });
            if (stopping_) return;
            const std::int64_t index = begun_++;
            ++busy_;
            lock.unlock();
            Slot made;
            try {
                made.result = make_(index);
            } catch (...) {
                made.error = std::current_exception();
            }
            lock.lock();
            slot_of(index) = std::move(made);
            --busy_;
            changed_.notify_all();
        }
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (std::thread& worker : workers_) worker.join();
    }

    std::vector<Slot> slots_;  ///< of the indices taken_ to taken_ + size - 1
    Make make_;
    std::int64_t count_ = 0;
    std::int64_t begun_ = 0;
    std::int64_t taken_ = 0;
    int busy_ = 0;
    bool stopping_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::thread> workers_;
};

}  // namespace dfp16
