// Checkpoint files: what is written is read, damage is told, a killed writer leaves what was there, and train() goes on
// to the same bits.
#include "reference/checkpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstring>
#include <string>

#include "fastpath/backend.h"
#include "reference/checkpoint_directory.h"
#include "reference/files/hasher.h"
#include "tests/training_helpers.h"
#include "tests/vectors_helpers.h"

namespace dfp16 {
namespace {

Checkpoint small_checkpoint(std::int64_t steps = 7) {
    Checkpoint checkpoint{.contract = "1",
                          .options = {{"net", "small"}, {"lr", "0.05"}},
                          .defaults = {{"data", "a \"quoted\" name"}},
                          .data_digest = "0123",
                          .result = {.steps = steps, .images = 112, .train_seconds = 1.5, .epochs = {}},
                          .lockstep = {.steps = 7, .operations_compared = 8, .elements_compared = 9},
                          .overflows = {{"conv1/forward", {.outputs = 5, .overflowed = 1, .smallest_margin = -2}}},
                          .states = {{"conv1.w", {2, 1, 3, 3}}, {"conv1.b", {2}}}};
    checkpoint.result.epochs.push_back({.epoch = 1, .steps = 4, .train_loss = 0.1, .train_accuracy = 1.0 / 3});
    checkpoint.result.current = {.epoch = 2, .steps = 3, .train_loss = 0x1.fffffffffffffp-3};
    checkpoint.result.correct = 20;
    return checkpoint;
}

HostTensor state(const Checkpoint& checkpoint, std::size_t index) {
    HostTensor value(ElementType::fp32, checkpoint.states[index].shape);
    for (std::size_t i = 0; i < value.fp32().size(); ++i) {
        value.fp32()[i] = -0.1f * static_cast<float>(i + 100 * index);
    }
    return value;
}

void write(const std::string& path, const Checkpoint& checkpoint) {
    write_checkpoint(path, checkpoint, [&](std::size_t index) { return state(checkpoint, index); });
}

TEST(Checkpoint, ReadsBackExactly) {
    const test::TemporaryDirectory directory;
    const Checkpoint written = small_checkpoint();
    write(directory.file("a"), written);
    const CheckpointReader reader(directory.file("a"));
    const Checkpoint& read = reader.checkpoint();
    EXPECT_EQ(read.contract, written.contract);
    EXPECT_EQ(read.options, written.options);
    EXPECT_EQ(read.defaults, written.defaults);
    EXPECT_EQ(read.data_digest, written.data_digest);
    EXPECT_EQ(read.result.steps, 7);
    EXPECT_EQ(read.result.images, 112);
    EXPECT_EQ(read.result.correct, 20);
    ASSERT_EQ(read.result.epochs.size(), 1u);
    EXPECT_EQ(read.result.epochs[0].train_loss, 0.1);
    EXPECT_EQ(read.result.epochs[0].train_accuracy, 1.0 / 3);
    EXPECT_EQ(read.result.current.train_loss, 0x1.fffffffffffffp-3);
    EXPECT_EQ(read.lockstep.elements_compared, 9);
    EXPECT_EQ(read.overflows.at("conv1/forward").smallest_margin, -2);
    ASSERT_EQ(read.states.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(read.states[i].name, written.states[i].name);
        EXPECT_EQ(reader.read_state(i).shape, written.states[i].shape);
        EXPECT_EQ(reader.read_state(i).fp32(), state(written, i).fp32());
    }
    EXPECT_EQ(directory.entries(), 1u);
}

TEST(Checkpoint, EveryFlippedByteAndEveryTruncationIsDamage) {
    const test::TemporaryDirectory directory;
    write(directory.file("a"), small_checkpoint());
    const std::string whole = test::bytes_of(directory.file("a"));
    const std::string spoiled = directory.file("b");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
        test::write_bytes(spoiled, bytes);
        EXPECT_THROW(CheckpointReader{spoiled}, DamagedCheckpoint) << "byte " << i;
        test::write_bytes(spoiled, whole.substr(0, i));
        EXPECT_THROW(CheckpointReader{spoiled}, DamagedCheckpoint) << "first " << i << " bytes";
    }
    test::write_bytes(spoiled, whole + "x");
    EXPECT_THROW(CheckpointReader{spoiled}, DamagedCheckpoint);
    EXPECT_THROW(CheckpointReader{directory.path()}, DamagedCheckpoint);
    EXPECT_THROW(CheckpointReader{directory.file("none")}, InputError);
}

/// A file with a right digest around any header.
std::string file_around(const std::string& header, const std::string& values, std::uint64_t length) {
    std::string bytes = "dfp16ck\n" + std::string(reinterpret_cast<const char*>(&length), 8) + header + values;
    const Hasher::Digest digest = digest_of_bytes(bytes.data(), bytes.size());
    return bytes + std::string(digest.begin(), digest.end());
}

TEST(Checkpoint, AMadeUpHeaderIsDamageAndNoCrash) {
    const test::TemporaryDirectory directory;
    write(directory.file("a"), small_checkpoint());
    const std::string whole = test::bytes_of(directory.file("a"));
    std::uint64_t length = 0;
    std::memcpy(&length, whole.data() + 8, 8);
    const std::string header = whole.substr(16, length);
    const std::string values = whole.substr(16 + length, whole.size() - 32 - length);
    const auto expect_damage = [&](const std::string& made, const std::string& tail, std::uint64_t says) {
        test::write_bytes(directory.file("b"), file_around(made, tail, says));
        EXPECT_THROW(CheckpointReader{directory.file("b")}, DamagedCheckpoint) << made;
    };
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = header;
        const std::size_t at = changed.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return changed.replace(at, from.size(), to);
    };
    test::write_bytes(directory.file("b"), file_around(header, values, length));
    EXPECT_NO_THROW(CheckpointReader{directory.file("b")});
    expect_damage(header, values, ~std::uint64_t{0});
    expect_damage(header, values, length + values.size() + 1);
    expect_damage(header, values, length - 1);
    expect_damage(header, values.substr(4), length);
    expect_damage(header, values + "1234", length);
    for (const auto& [from, to] :
         std::initializer_list<std::pair<std::string, std::string>>{{"[2,1,3,3]", "[4611686018427387904]"},
                                                                    {"[2,1,3,3]", "[65536,65536,65536,65536]"},
                                                                    {"[2,1,3,3]", "[-2,1,3,3]"},
                                                                    {"[2,1,3,3]", "[2,1,3,3,1,1]"},
                                                                    {"[2,1,3,3]", "2"},
                                                                    {"\"format\":1", "\"format\":2"},
                                                                    {"\"steps\":7", "\"steps\":\"7\""},
                                                                    {"\"images\"", "\"pictures\""},
                                                                    {"0x1.8p+0", "one"},
                                                                    {"[5,1,-2,-1,-1]", "[5,1]"}}) {
        const std::string made = with(from, to);
        expect_damage(made, values, made.size());
    }
    const std::string deep(100000, '[');
    expect_damage(deep, values, deep.size());
    expect_damage("", values, 0);
}

TEST(Checkpoint, AWriterKilledAtAnyMomentLeavesTheOneBefore) {
    const test::TemporaryDirectory directory;
    std::vector<std::string> refused;
    const CheckpointDirectory writer(directory.path(), false);
    const Checkpoint first = small_checkpoint(3);
    writer.write(
        first, [&](std::size_t index) { return state(first, index); }, 2);
    for (std::size_t deadly = 0; deadly < 2; ++deadly) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const Checkpoint second = small_checkpoint(6);
            writer.write(
                second,
                [&](std::size_t index) {
                    if (index == deadly) raise(SIGKILL);
                    return state(second, index);
                },
                2);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(directory.entries(), 2u + deadly);  // the first, and what was left over
        EXPECT_EQ(newest_checkpoint(directory.path(), refused)->checkpoint().result.steps, 3);
    }
    EXPECT_TRUE(refused.empty());
    const Checkpoint second = small_checkpoint(6);
    writer.write(
        second, [&](std::size_t index) { return state(second, index); }, 2);
    EXPECT_EQ(directory.entries(), 2u);
    EXPECT_EQ(newest_checkpoint(directory.path(), refused)->checkpoint().result.steps, 6);
}

TEST(Checkpoint, TheDirectoryKeepsTheNewest) {
    const test::TemporaryDirectory directory;
    const CheckpointDirectory writer(directory.path(), false);
    for (const std::int64_t steps : {5, 10, 99999999, 100000000}) {
        const Checkpoint checkpoint = small_checkpoint(steps);
        writer.write(
            checkpoint, [&](std::size_t index) { return state(checkpoint, index); }, 2);
    }
    const std::vector<std::string> expected = {directory.file("step-100000000.ckpt"),
                                               directory.file("step-99999999.ckpt")};
    EXPECT_EQ(checkpoints_in(directory.path()), expected);
    EXPECT_NE(test::error_of([&] { CheckpointDirectory(directory.path(), false); }).find("another run"),
              std::string::npos);
    EXPECT_NE(test::error_of([&] { CheckpointDirectory(directory.path(), true); }).find("another run writes there"),
              std::string::npos);
}

/// The states and results of a run that stops at each of `stops` and goes on from a checkpoint.
struct Outcome {
    TrainResult result;
    std::string states;
};

Outcome run(const Network& network, Backend& backend, const TrainOptions& options,
            const std::vector<std::int64_t>& stops) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("a");
    const DataSource data = test::synthetic_for(network);
    for (std::size_t part = 0;; ++part) {
        Outcome outcome;
        TrainObserver observer;
        std::unique_ptr<CheckpointReader> reader;
        if (part > 0) {
            reader = std::make_unique<CheckpointReader>(path);
            outcome.result = reader->checkpoint().result;
            observer.restore = [&](const StepGraph& step, Plan& plan) { reader->restore(step, plan); };
        }
        observer.stop = [&] { return part < stops.size() && outcome.result.steps >= stops[part]; };
        observer.keep = [&](const StepGraph& step, const Plan& plan, bool end) {
            if (!end) return;
            Checkpoint checkpoint;
            checkpoint.result = outcome.result;
            checkpoint.states = states_of(step);
            write_checkpoint(path, checkpoint, [&](std::size_t i) { return plan.read(step.states[i].tensor); });
            outcome.states = states_digest(step, plan);
        };
        train(network, data, backend, backend, options, observer, outcome.result);
        EXPECT_EQ(outcome.result.stopped, part < stops.size());
        if (part >= stops.size()) return outcome;
        EXPECT_EQ(outcome.result.steps, stops[part]);
    }
}

TEST(Checkpoint, ARunGoesOnToTheSameBits) {
    const auto backend = fast::make_backend(fast::isa_of("auto"), 2);
    const TrainOptions options{.graph = {.batch = 16, .rounding = Rounding::stochastic},
                               .seed = 2,
                               .epochs = 3,
                               .steps = 10,  // 4 an epoch
                               .learning_rate = 0.05f};
    for (const Network& network : {test::small_cnn(), test::small_resnet()}) {
        const Outcome whole = run(network, *backend, options, {});
        for (const std::vector<std::int64_t>& stops :
             {std::vector<std::int64_t>{1}, {4}, {7}, {9}, {10}, {2, 3, 4, 8, 10}}) {
            const Outcome parts = run(network, *backend, options, stops);
            EXPECT_EQ(parts.states, whole.states) << "stopped at " << stops[0];
            EXPECT_EQ(parts.result.images, whole.result.images);
            ASSERT_EQ(parts.result.epochs.size(), 3u);
            for (std::size_t i = 0; i < 3; ++i) {
                EXPECT_EQ(parts.result.epochs[i].steps, whole.result.epochs[i].steps);
                EXPECT_EQ(parts.result.epochs[i].train_loss, whole.result.epochs[i].train_loss);
                EXPECT_EQ(parts.result.epochs[i].train_accuracy, whole.result.epochs[i].train_accuracy);
                EXPECT_EQ(parts.result.epochs[i].test_accuracy, whole.result.epochs[i].test_accuracy);
            }
        }
    }
}

TEST(Checkpoint, OfAnotherNetworkIsRefused) {
    const test::TemporaryDirectory directory;
    write(directory.file("a"), small_checkpoint());
    const CheckpointReader reader(directory.file("a"));
    const StepGraph step = training_graph(test::small_cnn(), {.batch = 4});
    const auto plan = make_golden_backend(1)->prepare(step.graph, {});
    EXPECT_NE(test::error_of([&] { reader.restore(step, *plan); }).find("2 states, expected the network's"),
              std::string::npos);
}

}  // namespace
}  // namespace dfp16
