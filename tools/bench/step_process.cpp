#define BOOST_PROCESS_USE_STD_FS
#include "tools/bench/step_process.h"

#include <boost/process.hpp>
#include <csignal>
#include <istream>
#include <ostream>

#include "sim/types/error.h"

namespace dfp16::bench {

namespace bp = boost::process;

struct StepProcess::Child {
    bp::opstream to;
    bp::ipstream from;
    bp::child process;
};

StepProcess::StepProcess(const std::vector<std::string>& command) : child_(std::make_unique<Child>()) {
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error with its line
    try {
        // OpenMP's threads of a process that waits for its turn would look for work for long, on a core that others
        // need.
        child_->process =
            bp::child(bp::exe = command[0], bp::args = std::vector<std::string>(command.begin() + 1, command.end()),
                      bp::env["GOMP_SPINCOUNT"] = "10000", bp::std_in<child_->to, bp::std_out> child_->from);
        std::string text;
        ready_ = std::getline(child_->from, text) && text == "ready";
        if (!ready_) why_not_ = text.empty() ? "it ended before its first step" : text;
    } catch (const bp::process_error&) {
        why_not_ = "no such program: " + command[0];
    }
}

StepProcess::~StepProcess() {
    if (!child_->process.valid()) return;
    child_->to.pipe().close();
    child_->process.wait();
}

std::string StepProcess::line() {
    std::string text;
    if (!std::getline(child_->from, text)) throw InputError("a process that trained steps ended before its time");
    return text;
}

double StepProcess::step() {
    child_->to << std::endl;  // to a process that is gone: then there is no line either
    return std::stod(line());
}

double StepProcess::finish() {
    child_->to.pipe().close();
    return std::stod(line());
}

}  // namespace dfp16::bench
