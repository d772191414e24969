// dfp16 train as a user runs it: result keys, lockstep, planted faults, recording, bad usage.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <string>

#include "tests/cli_helpers.h"

namespace dfp16::test {
namespace {

const std::string kTrain = "train --net lenet5 --data synthetic:1x28x28:10:64 --batch 8 --steps 2 ";

class Train : public testing::Test {
protected:
    std::string file(const std::string& name) const { return directory_.file(name); }
    boost::json::object json(const std::string& name) const {
        return boost::json::parse(bytes_of(file(name))).as_object();
    }

private:
    TemporaryDirectory directory_;
};

TEST_F(Train, LockstepResultHoldsWhatUsersRead) {
    const CommandResult result = dfp16(kTrain + "--lockstep all --json " + file("run.json"));
    ASSERT_EQ(result.status, 0) << result.err;
    const boost::json::object run = json("run.json");
    for (const char* key : {"steps", "operations_compared", "elements_compared", "bits_differ", "overflows",
                            "train_loss", "test_accuracy", "images_per_second", "isa", "threads", "contract"}) {
        EXPECT_TRUE(run.contains(key)) << key;
    }
    EXPECT_EQ(run.at("steps"), 2);
    EXPECT_EQ(run.at("bits_differ"), 0);
    EXPECT_EQ(run.at("overflows"), 0);
    EXPECT_GT(run.at("operations_compared").as_int64(), 100);
    EXPECT_GT(run.at("elements_compared").as_int64(), 100000);
}

TEST_F(Train, SmallHeadroomAndLongChainsOverflowAndAreCounted) {
    const CommandResult result =
        dfp16(kTrain + "--lockstep all --policy chain --chain 100000 --headroom 0 --json " + file("run.json"));
    ASSERT_EQ(result.status, 0) << result.err;
    const boost::json::object run = json("run.json");
    EXPECT_EQ(run.at("bits_differ"), 0);
    EXPECT_GT(run.at("overflows").as_int64(), 0);
}

TEST_F(Train, APlantedFaultEndsTheRunWhereItIs) {
    const CommandResult result =
        dfp16(kTrain + "--lockstep all --plant 1:conv2:weight_gradient:dw:26:30 --json " + file("run.json"));
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("step 1, layer conv2, pass weight_gradient"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("(0,1,0,1)"), std::string::npos) << result.err;
    EXPECT_EQ(json("run.json").at("bits_differ"), 1);
}

TEST_F(Train, RecordedStepsVerify) {
    ASSERT_EQ(dfp16(kTrain + "--lockstep all --record 1 --layers 'conv*' -o " + file("steps.h5")).status, 0);
    const CommandResult result = dfp16("verify " + file("steps.h5"));
    EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST_F(Train, Fp32TrainsToo) {
    ASSERT_EQ(dfp16(kTrain + "--precision fp32 --json " + file("run.json")).status, 0);
    EXPECT_EQ(json("run.json").at("isa"), "eigen");
}

TEST_F(Train, BadUsageGetsOneLine) {
    const std::string lockstep = kTrain + "--lockstep all ";
    expect_usage_error(lockstep + "--plant 1:conv2:forward:sum:0:0", "expected one of wq, y");
    expect_usage_error(lockstep + "--plant 5:conv2:forward:y:0:0", "expected one of the run's steps 0 to 1");
    expect_usage_error(kTrain + "--plant 1:conv2:forward:y:0:0", "--plant without --lockstep");
    expect_usage_error(kTrain + "--lockstep every=2 --plant 1:conv2:forward:y:0:0", "does not compare");
    expect_usage_error(kTrain + "--lockstep sometimes", "expected off, all or every=K");
    expect_usage_error(kTrain + "--isa sse9", "sse9");
    expect_usage_error(kTrain + "--policy wrap", "expected exact or chain");
    expect_usage_error(kTrain + "--headroom 15", "expected a whole number from 0 to 14");
    expect_usage_error(kTrain + "--rounding up", "nearest-even");
    expect_usage_error(kTrain + "--precision fp32 --lockstep all", "not golden");
    expect_usage_error(kTrain + "--precision fp32 --headroom 3", "--headroom with --precision fp32");
    expect_usage_error(kTrain + "--json /nonexistent/run.json", "/nonexistent/run.json");
    expect_usage_error(lockstep + "--record 7 -o " + file("x.h5"), "expected one of the run's steps");
    expect_usage_error(lockstep + "--record 1 -o /nonexistent/x.h5", "/nonexistent/x.h5");
    expect_usage_error(kTrain + "--lr nan", "--lr");
    expect_usage_error(kTrain + "--lr-schedule poly:3.5", "poly:POWER");
    expect_usage_error(kTrain + "--warmup 2", "warm-up of 2 steps, expected fewer than the run's 2");
    expect_usage_error("train --data synthetic:1x28x28:10", "--net");
    expect_usage_error("train --net lenet6 --data synthetic:1x28x28:10", "lenet5, resnet8, resnet20");
    expect_usage_error("train --net lenet5 --data synthetic:1x2x2:10", "does not fit");
    expect_usage_error("train --net lenet5 --data /nonexistent", "/nonexistent");
    expect_usage_error(kTrain + "--lr 1e38", "beyond FP32");
}

TEST_F(Train, DamagedIdxFilesAreSaidByName) {
    const auto write = [&](const std::string& name, const std::string& bytes) {
        std::ofstream(file(name), std::ios::binary) << bytes;
    };
    const std::string images(
        "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"
        "12345678",
        24);
    const std::string labels("\0\0\x08\x01\0\0\0\x02\x01\x02", 10);
    write("train-images-idx3-ubyte", images);
    write("train-labels-idx1-ubyte", labels);
    write("t10k-images-idx3-ubyte", images.substr(0, 20));  // shorter than its header says
    write("t10k-labels-idx1-ubyte", labels);
    const std::string directory = file("");
    expect_usage_error("train --net lenet5 --data " + directory, "t10k-images-idx3-ubyte");
    write("t10k-images-idx3-ubyte", images + "9");  // longer
    expect_usage_error("train --net lenet5 --data " + directory, "t10k-images-idx3-ubyte");
}

TEST_F(Train, AClosedStderrChangesNothing) {
    const auto status = [](const std::string& arguments) {
        return WEXITSTATUS(std::system((DFP16_COMMAND " " + arguments + " >/dev/null 2>&-").c_str()));
    };
    EXPECT_EQ(status(kTrain), 0);
    EXPECT_EQ(status("nonsense"), 2);
}

}  // namespace
}  // namespace dfp16::test
