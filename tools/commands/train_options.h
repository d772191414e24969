// What `dfp16 train` was asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/checkpoint.h"
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
    TopologyOptions topology{.input = {0, 0, 0, 0}};    ///< a size of 0: the data's
    std::string checkpoints{};                          ///< directory; empty: none are written
    std::int64_t every = 0;                             ///< steps from checkpoint to checkpoint
    std::int64_t keep = 0;                              ///< how many of them
    std::shared_ptr<const CheckpointReader> resumed{};  ///< where the run goes on from; may be null
};

/// Nothing if help was asked for (and printed). With --resume, options that are not given are the checkpoint's. Throws
/// InputError, also for an option that contradicts the checkpoint.
std::optional<TrainCommandOptions> parse_train_options(const std::vector<std::string>& arguments);

/// --init and --fp32-layers as text.
std::string init_name(const GraphOptions& graph);
std::string fp32_layers_name(const GraphOptions& graph);

}  // namespace dfp16
