// dfp16 pack as a user runs it, and training from what it wrote.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "tests/cli_helpers.h"
#include "tests/pack_helpers.h"

namespace dfp16::test {
namespace {

class Pack : public testing::Test {
protected:
    void SetUp() override {
        write_folder(file("train"), 4);
        write_folder(file("test"), 2, 100);
    }
    std::string file(const std::string& name) const { return directory_.file(name); }
    std::string folders() const { return "pack --images " + file("train") + " --test-images " + file("test"); }
    boost::json::object json(const std::string& name) const {
        return boost::json::parse(bytes_of(file(name))).as_object();
    }
    std::size_t entries() const { return directory_.entries(); }

private:
    TemporaryDirectory directory_;
};

TEST_F(Pack, ThenTrain) {
    const CommandResult packed = dfp16(folders() + " -o " + file("set.h5") + " --json " + file("pack.json"));
    ASSERT_EQ(packed.status, 0) << packed.err;
    const boost::json::object result = json("pack.json");
    EXPECT_EQ(result.at("train_images"), 12);
    EXPECT_EQ(result.at("test_images"), 6);
    EXPECT_EQ(result.at("classes"), 3);
    EXPECT_EQ(result.at("skipped"), 0);
    EXPECT_EQ(result.at("digest").as_string().size(), 32u);
    const std::string train = "train --net lenet5 --input 3x28x28 --batch 4 --epochs 2 --data " + file("set.h5");
    const CommandResult one = dfp16(train + " --lockstep all --threads 1 --json " + file("1.json"));
    ASSERT_EQ(one.status, 0) << one.err;
    EXPECT_EQ(json("1.json").at("bits_differ"), 0);
    EXPECT_EQ(json("1.json").at("steps"), 6);
    ASSERT_EQ(dfp16(train + " --threads 3 --json " + file("3.json")).status, 0);
    EXPECT_EQ(json("1.json").at("train_loss"), json("3.json").at("train_loss"));
    ASSERT_EQ(dfp16(train + " --augment none --json " + file("none.json")).status, 0);
    EXPECT_NE(json("1.json").at("train_loss"), json("none.json").at("train_loss"));
}

TEST_F(Pack, ListsWithTabsAndBlanks) {
    write_file(file("with blank.jpg"), encode_jpeg(image_of(30, 20, 1), 90));
    std::ofstream(file("list.txt")) << "with blank.jpg 2\ntrain/ant/4.JPEG\t0\r\n\n"
                                    << file("train/bee/8.JPEG") << " 1\n";
    const CommandResult result =
        dfp16("pack --list " + file("list.txt") + " -o " + file("set.h5") + " --json " + file("j"));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(json("j").at("train_images"), 3);
    EXPECT_EQ(json("j").at("classes"), 3);
    expect_usage_error("train --net lenet5 --data " + file("set.h5"), "no test images");
    std::ofstream(file("val.txt")) << "ant/4.JPEG 0\n";
    EXPECT_EQ(dfp16("pack --list " + file("val.txt") + " --images " + file("train") + " -o " + file("set.h5")).status,
              0);
}

TEST_F(Pack, BadListLinesAreNumbered) {
    const auto expect_error = [&](const std::string& text, const std::string& message) {
        std::ofstream(file("list.txt")) << "train/ant/4.JPEG 0\n" << text << "\n";
        expect_usage_error("pack --list " + file("list.txt") + " -o " + file("set.h5"), file("list.txt") + message);
    };
    expect_error("word", ": line 2: one word");
    expect_error("a.jpg x", ": line 2: label 'x', expected a whole number");
    expect_error("a.jpg -1", ": line 2: label '-1'");
    expect_error("a.jpg 99999999999", ": line 2: label '99999999999'");
    expect_error("a.jpg\t", ": line 2: label ''");
    expect_error(" 3", ": line 2: no path");
    std::ofstream(file("list.txt")) << "ant/4.JPEG 7\n";
    expect_usage_error("pack --images " + file("train") + " --test-images " + file("train") + " --test-list " +
                           file("list.txt") + " -o " + file("set.h5"),
                       "line 1: label 7, expected 0 to 2");
    expect_usage_error("pack --list " + file("none") + " -o " + file("set.h5"), file("none"));
    std::ofstream(file("list.txt")) << "\n";
    expect_usage_error("pack --list " + file("list.txt") + " -o " + file("set.h5"), "no images");
}

TEST_F(Pack, BadImagesAreNamedAndSkippedIfAsked) {
    const Bytes whole = encode_jpeg(image_of(60, 60, 1), 90);
    write_file(file("train/ant/cut.JPEG"), Bytes(whole.begin(), whole.begin() + 900));
    write_file(file("train/ant/empty.JPEG"), Bytes{});
    write_file(file("train/bee/png.JPEG"), Bytes{0x89, 'P', 'N', 'G', 13, 10});
    std::filesystem::create_symlink("nowhere", file("train/bee/link.JPEG"));
    write_file(file("train/cat/gray.JPEG"), flat_jpeg(30, 40, {99}));
    write_file(file("train/cat/cmyk.JPEG"), flat_jpeg(30, 40, {9, 99, 199, 255}));
    expect_usage_error(folders() + " -o " + file("set.h5"), "train/ant/cut.JPEG: Premature end of JPEG file");
    EXPECT_FALSE(std::filesystem::exists(file("set.h5")));
    const CommandResult result =
        dfp16(folders() + " --on-error skip --threads 3 -o " + file("set.h5") + " --json " + file("j"));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(json("j").at("skipped"), 4);
    EXPECT_EQ(json("j").at("train_images"), 14);
    const boost::json::object out = json("j");
    EXPECT_EQ(out.at("skipped_images").at(1).at("reason"), "no bytes, expected a JPEG");
    EXPECT_NE(result.err.find("png.JPEG: Not a JPEG file: starts with 0x89 0x50"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("link.JPEG: No such file"), std::string::npos) << result.err;
}

TEST_F(Pack, BadUsageGetsOneLine) {
    const std::string out = " -o " + file("set.h5");
    expect_usage_error("pack" + out, "--images or --list is missing");
    expect_usage_error("pack --images " + file("train"), "-o FILE is missing");
    expect_usage_error("pack --images /nonexistent" + out, "/nonexistent");
    expect_usage_error("pack --images " + file("train/ant") + out, "expected files CLASS/NAME.JPEG");
    expect_usage_error(folders() + out + " --on-error never", "expected fatal or skip");
    expect_usage_error(folders() + out + " --quality 0", "from 1 to 100");
    expect_usage_error(folders() + out + " --resize -1", "from 0 to 65500");
    expect_usage_error(folders() + " -o /nonexistent/set.h5", "/nonexistent/set.h5");
    write_file(file("test/dog/1.JPEG"), encode_jpeg(image_of(30, 30, 1), 90));
    expect_usage_error(folders() + out, "'dog' is no class of the training set");
    expect_usage_error("train --net lenet5 --data synthetic:1x28x28:10 --input 1x32x32", "expected 1x28x28");
    expect_usage_error("train --net lenet5 --data synthetic:1x28x28:10 --augment twist", "none, flip or crop-flip");
    std::ofstream(file("text")) << "no HDF5 at all";
    expect_usage_error("train --net lenet5 --data " + file("text"), "not an HDF5 file");
    ASSERT_EQ(dfp16("generate --suite gemm -o " + file("golden.h5")).status, 0);
    expect_usage_error("train --net lenet5 --data " + file("golden.h5"), "not a file of packed images");
}

TEST_F(Pack, AFullDiskIsOneLineAndLeavesNothing) {
    std::ofstream list(file("list.txt"));
    for (int i = 0; i < 300; ++i) list << "train/ant/4.JPEG 0\n";
    list.close();
    const std::size_t before = entries();
    for (const int blocks : {1, 8, 100}) {
        expect_usage_error("pack --list " + file("list.txt") + " -o " + file("set.h5"), "File too large",
                           "ulimit -f " + std::to_string(blocks) + "; ");
        EXPECT_EQ(entries(), before);
    }
}

/// Starts packing a long list and sends a signal once the temporary file is there.
int status_after(int signal, const std::string& list, const std::string& output) {
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        execl(DFP16_COMMAND, "dfp16", "pack", "--list", list.c_str(), "-o", output.c_str(), nullptr);
        _exit(127);
    }
    const auto parent = std::filesystem::path(output).parent_path();
    const auto began = [&] {
        for (const auto& entry : std::filesystem::directory_iterator(parent)) {
            if (entry.path().string().starts_with(output + ".")) return true;
        }
        return false;
    };
    for (int tries = 0; tries < 5000 && !began(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    kill(child, signal);
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

TEST_F(Pack, AnInterruptedRunLeavesNoOutput) {
    write_file(file("large.jpg"), encode_jpeg(image_of(1000, 1000, 1), 90));
    std::ofstream list(file("list.txt"));
    for (int i = 0; i < 20000; ++i) list << "large.jpg 0\n";
    list.close();
    const std::size_t before = entries();
    for (const int signal : {SIGINT, SIGTERM}) {
        const int status = status_after(signal, file("list.txt"), file("set.h5"));
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;  // a shell shows 128 + signal
        EXPECT_EQ(entries(), before);
    }
    const int status = status_after(SIGKILL, file("list.txt"), file("set.h5"));
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    EXPECT_FALSE(std::filesystem::exists(file("set.h5")));
}

}  // namespace
}  // namespace dfp16::test
