// Progress of long work on stderr, with an estimate of what is left.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dfp16 {

/// On a terminal one line that is rewritten; elsewhere a line every ten seconds.
class Progress {
public:
    /// `before`: how much was done when this began; the estimate leaves it out.
    explicit Progress(std::string what, std::int64_t before = 0);
    ~Progress() { interrupt(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Ends the rewritten line, so that something else can be printed.
    void interrupt();
    /// `note` is shown behind the counts. A total below 0: there is no end.
    void update(std::int64_t done, std::int64_t total, const std::string& note = "");

private:
    std::string with_estimate(std::int64_t done, std::int64_t total, double elapsed) const;

    using Clock = std::chrono::steady_clock;
    std::string what_;
    std::int64_t before_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point shown_{};
    bool terminal_;
    bool open_line_ = false;
};

}  // namespace dfp16
