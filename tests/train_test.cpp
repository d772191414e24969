// The training loop: INT16 learns, as FP32 does, and the same seed gives the same bits.
#include "reference/train.h"

#include <gtest/gtest.h>

#include "fastpath/backend.h"
#include "reference/fp32/fp32_backend.h"
#include "sim/types/error.h"
#include "tests/training_helpers.h"

namespace dfp16 {
namespace {

TrainResult run(const Network& network, Backend& backend, TrainOptions options) {
    TrainResult result;
    train(network, test::synthetic_for(network), backend, backend, options, {}, result);
    return result;
}

TrainOptions options_for(Precision precision) {
    return {.graph = {.batch = 16, .precision = precision}, .seed = 2, .epochs = 20, .learning_rate = 0.05f};
}

TEST(Train, Int16LearnsWhatFp32Learns) {
    for (const Network& network : {test::small_cnn(), test::small_resnet()}) {
        const auto fast = fast::make_backend(fast::isa_of("auto"), 2);
        const auto twin = make_fp32_backend(2);
        const TrainResult int16 = run(network, *fast, options_for(Precision::int16));
        const TrainResult fp32 = run(network, *twin, options_for(Precision::fp32));
        EXPECT_LT(int16.epochs.back().train_loss, 0.5 * int16.epochs.front().train_loss);
        EXPECT_LT(fp32.epochs.back().train_loss, 0.5 * fp32.epochs.front().train_loss);
        // The first epoch starts from equal weights and meets equal batches.
        EXPECT_NEAR(int16.epochs.front().train_loss, fp32.epochs.front().train_loss,
                    0.02 * fp32.epochs.front().train_loss);
    }
}

TEST(Train, SameSeedSameBitsWhateverTheThreads) {
    const Network network = test::small_resnet();
    const auto one = fast::make_backend(fast::isa_of("auto"), 1);
    const auto three = fast::make_backend(fast::isa_of("auto"), 3);
    const TrainResult a = run(network, *one, options_for(Precision::int16));
    const TrainResult b = run(network, *three, options_for(Precision::int16));
    ASSERT_EQ(a.epochs.size(), b.epochs.size());
    for (std::size_t i = 0; i < a.epochs.size(); ++i) EXPECT_EQ(a.epochs[i].train_loss, b.epochs[i].train_loss);
}

TEST(Train, StepsCapTheTotal) {
    const Network network = test::small_cnn();
    const auto backend = make_golden_backend(1);
    TrainOptions options = options_for(Precision::int16);
    options.steps = 6;  // an epoch has 4
    const TrainResult result = run(network, *backend, options);
    EXPECT_EQ(result.steps, 6);
    EXPECT_EQ(result.epochs.size(), 2u);
    EXPECT_EQ(result.images, 96);
}

TEST(Train, RejectsABatchLargerThanTheData) {
    const auto backend = make_golden_backend(1);
    TrainOptions options = options_for(Precision::int16);
    options.graph.batch = 65;
    EXPECT_THROW(run(test::small_cnn(), *backend, options), InputError);
}

}  // namespace
}  // namespace dfp16
