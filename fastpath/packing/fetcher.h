// Memory that is read next, asked for bit by bit in the shadow of other work.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace dfp16::fast {

/// Runs of memory in the order of their use, given out evenly over `calls` calls of next().
class Fetcher {
public:
    struct Run {
        const std::int16_t* from = nullptr;
        std::int64_t bytes = 0;
    };

    void start(std::vector<Run> runs, std::int64_t calls, std::int64_t bytes_a_call) {
        runs_ = std::move(runs);
        calls_ = calls;
        bytes_ = bytes_a_call;
        call_ = piece_ = place_ = 0;
        run_ = 0;
        pieces_ = 0;
        for (const Run& run : runs_) pieces_ += (run.bytes + bytes_ - 1) / bytes_;
    }

    /// Where about `bytes_a_call` bytes start that are to be fetched now; null: nowhere.
    const char* next() {
        ++call_;
        if (run_ == runs_.size() || piece_ * calls_ >= call_ * pieces_) return nullptr;
        const char* from = reinterpret_cast<const char*>(runs_[run_].from) + place_;
        ++piece_;
        place_ += bytes_;
        if (place_ >= runs_[run_].bytes) {
            ++run_;
            place_ = 0;
        }
        return from;
    }

private:
    std::vector<Run> runs_;
    std::int64_t calls_ = 0, bytes_ = 1, call_ = 0, pieces_ = 0, piece_ = 0, place_ = 0;
    std::size_t run_ = 0;
};

}  // namespace dfp16::fast
