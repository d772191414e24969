// Another process that trains step by step when asked: ours or PyTorch's, so that both are timed and weighed alike.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace dfp16::bench {

class StepProcess {
public:
    /// Starts the program and waits until it is ready; ready() tells whether it came to that. From then on SIGPIPE is
    /// ignored.
    explicit StepProcess(const std::vector<std::string>& command);
    ~StepProcess();

    bool ready() const { return ready_; }
    /// Why it is not.
    const std::string& why_not() const { return why_not_; }
    /// Seconds of one step. Throws InputError if the process has ended.
    double step();
    /// Ends it; gives its peak resident set in bytes.
    double finish();

private:
    std::string line();

    struct Child;
    std::unique_ptr<Child> child_;
    bool ready_ = false;
    std::string why_not_;
};

}  // namespace dfp16::bench
