// The checkpoints of one run: DIR/step-00000100.ckpt, ..., the last few of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reference/checkpoint.h"

namespace dfp16 {

/// The checkpoint files in a directory, newest first. Throws InputError if it cannot be read.
std::vector<std::string> checkpoints_in(const std::string& directory);

/// The newest one that is whole. Those after it, which are damaged, are put into `refused`, one message each. Throws
/// InputError if there is none.
std::unique_ptr<CheckpointReader> newest_checkpoint(const std::string& directory, std::vector<std::string>& refused);

/// Writes checkpoints, one run at a time, and removes old ones.
class CheckpointDirectory {
public:
    /// Creates the directory. `resumes`: this run comes from a checkpoint in it, otherwise there must be none. Throws
    /// InputError; also if another process writes there.
    CheckpointDirectory(const std::string& directory, bool resumes);
    ~CheckpointDirectory();
    CheckpointDirectory(const CheckpointDirectory&) = delete;
    CheckpointDirectory& operator=(const CheckpointDirectory&) = delete;

    /// Writes the file of the step that the checkpoint is at, then removes all but the newest `keep` up to that step.
    void write(const Checkpoint& checkpoint, const ReadState& read, std::int64_t keep) const;

private:
    std::string directory_;
    int lock_ = -1;
};

}  // namespace dfp16
