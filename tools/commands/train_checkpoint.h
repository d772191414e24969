// Checkpoints of `dfp16 train`: which options they hold, and what --resume makes of them.
#pragma once

#include <boost/program_options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/checkpoint_directory.h"
#include "tools/commands/train_options.h"

namespace dfp16 {

/// The newest usable checkpoint in a directory; those that were refused are named on stderr. Throws InputError.
std::shared_ptr<const CheckpointReader> checkpoint_to_resume(const std::string& directory);

/// The arguments, and those of the checkpoint's options that are not among the `given`.
std::vector<std::string> with_options_of(const CheckpointReader& reader, std::vector<std::string> arguments,
                                         const boost::program_options::variables_map& given);

/// Throws InputError if one of the options that were `given` would change the bits of the checkpoint's run.
void check_no_contradiction(const CheckpointReader& reader, const TrainCommandOptions& options,
                            const boost::program_options::variables_map& given);

/// Writes the checkpoints of a run.
class CheckpointWriter {
public:
    /// Learning rate and weight decay of `options.train` are those of the run. Throws InputError.
    CheckpointWriter(const TrainCommandOptions& options, const std::string& data_digest);

    /// If it is time: every so many steps, and at the end.
    void keep(const StepGraph& step, const Plan& plan, const TrainResult& result, const LockstepCounts& lockstep,
              const OverflowLog& overflows, bool end);

private:
    std::int64_t every_;
    std::int64_t keep_;
    CheckpointDirectory directory_;
    Checkpoint checkpoint_;
};

}  // namespace dfp16
