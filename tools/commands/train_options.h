// What `dfp16 train` was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/plant.h"
#include "reference/record.h"
#include "reference/train.h"

namespace dfp16 {

struct TrainCommandOptions {
    std::string net;
    std::string data;
    DataOptions data_options;
    std::string isa = "auto";
    int threads = 1;
    std::uint32_t lockstep_every = 0;  ///< 0: off; 1: all
    std::string json;
    std::optional<Fault> plant;
    std::optional<RecordOptions> record;
    std::string output;  ///< golden file of the recorded cases
    TrainOptions train;
    std::optional<float> learning_rate;  ///< otherwise the network's
    std::optional<float> weight_decay;
};

/// Nothing if help was asked for (and printed). Throws InputError.
std::optional<TrainCommandOptions> parse_train_options(const std::vector<std::string>& arguments);

}  // namespace dfp16
