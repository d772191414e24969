// dfp16 train stopped at any moment, and resumed, as a user does it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "reference/checkpoint_directory.h"
#include "tests/cli_helpers.h"

namespace dfp16::test {
namespace {

const std::string kTrain =
    "train --net lenet5 --data synthetic:1x28x28:10:256 --batch 16 --epochs 2 --rounding stochastic ";

/// The command in the background.
class Running {
public:
    explicit Running(const std::string& arguments, const std::string& err = "/dev/null") : pid_(fork()) {
        if (pid_ != 0) return;
        const std::string command = "exec " DFP16_COMMAND " " + arguments + " >/dev/null 2>" + err;
        signal(SIGINT, SIG_DFL);
        execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    ~Running() {
        if (!ended_) kill(pid_, SIGKILL);
        wait();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// Until the condition holds, or the command has ended.
    void wait_until(const std::function<bool()>& condition) {
        while (!ended_ && !condition()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
        }
    }
    void send(int signal) {
        if (!ended_) kill(pid_, signal);
    }
    /// As a shell gives it.
    int wait() {
        if (!ended_) waitpid(pid_, &status_, 0);
        ended_ = true;
        return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
    }
    bool killed_by_signal() const { return WIFSIGNALED(status_); }

private:
    pid_t pid_;
    int status_ = 0;
    bool ended_ = false;
};

class Resume : public testing::Test {
protected:
    std::string file(const std::string& name) const { return directory_.file(name); }
    std::size_t entries(const std::string& name) const {
        std::error_code none;
        std::size_t count = 0;
        for (std::filesystem::directory_iterator it(file(name), none), end; !none && it != end; ++it) ++count;
        return count;
    }
    /// A result without its times.
    boost::json::object json(const std::string& name) const {
        boost::json::object result = boost::json::parse(bytes_of(file(name))).as_object();
        result.erase("images_per_second");
        for (boost::json::value& epoch : result.at("epochs").as_array()) epoch.as_object().erase("train_seconds");
        return result;
    }
    void expect_same(const std::string& name, const std::string& other) const {
        EXPECT_EQ(boost::json::serialize(json(name)), boost::json::serialize(json(other)));
    }
    std::size_t checkpoints(const std::string& name) const {
        return std::filesystem::exists(file(name)) ? checkpoints_in(file(name)).size() : 0;
    }
    /// Leaves the checkpoints of steps 8 and 12 of a run that was killed, and the result of one that was not.
    void make_checkpoints(const std::string& name) const {
        ASSERT_EQ(dfp16(kTrain + "--json " + file("whole.json")).status, 0);
        Running running(kTrain + "--every 4 --keep 100 --checkpoint " + file(name));
        running.wait_until([&] { return std::filesystem::exists(file(name + "/step-00000012.ckpt")); });
        running.send(SIGKILL);
        running.wait();
        for (const std::string& path : checkpoints_in(file(name))) {
            if (!path.ends_with("08.ckpt") && !path.ends_with("12.ckpt")) std::filesystem::remove(path);
        }
    }

private:
    TemporaryDirectory directory_;
};

TEST_F(Resume, KilledAgainAndAgainEndsWithTheSameBits) {
    ASSERT_EQ(dfp16(kTrain + "--json " + file("whole.json")).status, 0);
    const std::string directory = file("run");
    std::string arguments = kTrain + "--every 3 --checkpoint " + directory;
    for (const int delay : {0, 23, 41}) {  // ms: in a step, in a file, in an evaluation, or between
        Running running(arguments);
        running.wait_until([&] { return checkpoints("run") > 0; });
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        running.send(SIGKILL);
        running.wait();
        arguments = "train --resume " + directory;
    }
    const CommandResult last = dfp16("train --resume " + directory + " --json " + file("run.json"));
    ASSERT_EQ(last.status, 0) << last.err;
    expect_same("run.json", "whole.json");
    EXPECT_EQ(entries("run"), 2u);  // no left-over of a killed one
    // A run that is done is done.
    ASSERT_EQ(dfp16("train --resume " + directory + " --json " + file("again.json")).status, 0);
    expect_same("again.json", "whole.json");
}

TEST_F(Resume, DamagedOnesAreRefusedAndTheOneBeforeIsUsed) {
    make_checkpoints("run");
    const std::string newest = file("run/step-00000012.ckpt");
    const std::string whole = bytes_of(newest);
    std::string flipped = whole;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 4);
    for (const std::string& bytes :
         {flipped, whole.substr(0, whole.size() / 2), std::string(), "CKPT" + whole.substr(4)}) {
        const std::string copy = file("copy");
        std::filesystem::remove_all(copy);
        std::filesystem::copy(file("run"), copy);
        write_bytes(copy + "/step-00000012.ckpt", bytes);
        const CommandResult result = dfp16("train --resume " + copy + " --json " + file("copy.json"));
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_NE(result.err.find("checkpoint " + copy + "/step-00000012.ckpt: "), std::string::npos) << result.err;
        EXPECT_NE(result.err.find("going on from " + copy + "/step-00000008.ckpt"), std::string::npos) << result.err;
        expect_same("copy.json", "whole.json");
    }
    write_bytes(newest, flipped);
    write_bytes(file("run/step-00000008.ckpt"), "");
    expect_usage_error("train --resume " + file("run"), "no usable checkpoint in " + file("run"));
}

TEST_F(Resume, ContradictionsAreSaid) {
    make_checkpoints("run");
    const std::string resume = "train --resume " + file("run") + " ";
    const auto expect = [&](const std::string& option, const std::string& value, const std::string& stored) {
        expect_usage_error(resume + "--" + option + " " + value, "--" + option + " '" + value + "', expected '" +
                                                                     stored + "' as in the run of checkpoint " +
                                                                     file("run/step-00000012.ckpt"));
    };
    expect("seed", "2", "1");
    expect("net", "resnet8", "lenet5");
    expect("epochs", "3", "2");
    expect("batch", "32", "16");
    expect("lr", "0.25", "0.01");
    expect("lr-schedule", "cosine", "linear");
    expect("warmup", "5", "0");
    expect("precision", "fp32", "int16");
    expect("policy", "chain", "exact");
    expect("headroom", "3", "2");
    expect("rounding", "nearest-even", "stochastic");
    expect("width", "0.5", "1");
    expect("init", "xavier", "network");
    expect("fp32-layers", "conv1", "none");
    expect_usage_error(resume + "--data synthetic:1x28x28:10:128", "--data 'synthetic:1x28x28:10:128' has the digest");
    expect_usage_error("train --resume " + file("nowhere"), file("nowhere"));
    expect_usage_error(kTrain + "--checkpoint " + file("run"), "another run, expected an empty directory, or --resume");
    expect_usage_error(kTrain + "--checkpoint " + file("whole.json"), file("whole.json"));
    expect_usage_error(kTrain + "--checkpoint " + file("x") + " --every 0", "--every");
    // The same again, said in other words, is no contradiction.
    const CommandResult result = dfp16(resume + "--seed 01 --lr 1e-2 --net lenet5 --threads 1 --isa portable --json " +
                                       file("run.json") + " --checkpoint " + file("other"));
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(json("run.json").at("states_digest"), json("whole.json").at("states_digest"));
    EXPECT_EQ(checkpoints("run"), 2u);
    EXPECT_EQ(checkpoints("other"), 5u);
}

TEST_F(Resume, ASignalEndsTheStepAndWritesACheckpoint) {
    const std::string lockstep = kTrain + "--steps 7 --lockstep all ";
    ASSERT_EQ(
        dfp16(lockstep + "--record 6 --layers fc1 -o " + file("whole.h5") + " --json " + file("whole.json")).status, 0);
    for (const int signal : {SIGINT, SIGTERM}) {
        const std::string name = "run" + std::to_string(signal);
        Running running(lockstep + "--record 0,6 --layers fc1 -o " + file(name + "a.h5") + " --every 1 --checkpoint " +
                            file(name) + " --json " + file(name + "a.json"),
                        file("err"));
        running.wait_until([&] { return entries(name) > 0; });
        running.send(signal);
        EXPECT_EQ(running.wait(), 128 + signal);
        EXPECT_FALSE(running.killed_by_signal());
        EXPECT_NE(bytes_of(file("err")).find("go on with: dfp16 train --resume " + file(name)), std::string::npos);
        EXPECT_EQ(json(name + "a.json").at("stopped_by_signal"), signal);
        EXPECT_LT(json(name + "a.json").at("steps").as_int64(), 6);
        EXPECT_EQ(dfp16("verify " + file(name + "a.h5")).status, 0);
        const std::string resume = "train --resume " + file(name);
        expect_usage_error(resume + " --record 0 -o " + file("b.h5"),
                           "--record at step 0, expected one of the run's steps");
        ASSERT_EQ(
            dfp16(resume + " --record 6 --layers fc1 -o " + file(name + ".h5") + " --json " + file(name + ".json"))
                .status,
            0);
        expect_same(name + ".json", "whole.json");  // the counts of lockstep and oracle among it
        EXPECT_EQ(bytes_of(file(name + ".h5")), bytes_of(file("whole.h5")));
    }
}

TEST_F(Resume, ASecondSignalKillsAndLeavesNothingBehind) {
    std::filesystem::create_directory(file("out"));
    Running running("train --net resnet20 --data synthetic:3x32x32:10:256 --batch 128 --lockstep all --record 0 -o " +
                        file("out/x.h5") + " --json " + file("out/x.json"),
                    file("err"));
    running.wait_until([&] { return bytes_of(file("err")).find("train: ") != std::string::npos; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(entries("out"), 2u);  // both outputs, under temporary names
    running.send(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    running.send(SIGINT);
    running.wait();
    EXPECT_TRUE(running.killed_by_signal());
    EXPECT_EQ(entries("out"), 0u);
}

TEST_F(Resume, ASignalToGenerateLeavesNothingBehind) {
    std::filesystem::create_directory(file("out"));
    for (const int signal : {SIGINT, SIGTERM}) {
        Running running("generate --suite conv --level 3 -o " + file("out/x.h5"));
        running.wait_until([&] { return entries("out") == 1; });
        running.send(signal);
        EXPECT_EQ(running.wait(), 128 + signal);
        EXPECT_TRUE(running.killed_by_signal());
        EXPECT_EQ(entries("out"), 0u);
    }
}

TEST_F(Resume, ADiskThatIsFullEndsTheRunAndKeepsTheCheckpointBefore) {
    make_checkpoints("run");
    const CommandResult result = dfp16("train --resume " + file("run"), "ulimit -f 20; ");
    EXPECT_EQ(result.status, 2);
    EXPECT_NE(result.err.find("cannot write " + file("run/step-00000016.ckpt")), std::string::npos) << result.err;
    EXPECT_EQ(checkpoints("run"), 2u);
}

}  // namespace
}  // namespace dfp16::test
