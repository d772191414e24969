// A run on disk: everything that decides its later bits, so that it goes on as if it had never stopped
// (docs/training.md).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/golden.h"
#include "reference/lockstep.h"
#include "reference/train.h"
#include "sim/types/error.h"

namespace dfp16 {

/// A file that is no whole checkpoint: torn, changed, or something else.
class DamagedCheckpoint : public InputError {
public:
    using InputError::InputError;
};

/// Everything but the values of the states.
struct Checkpoint {
    struct State {
        std::string name;  ///< "conv1.w"
        Shape shape;
    };
    std::string contract;
    /// What decides later bits, by the names of the command's options, as text; one that resumes must have the same.
    std::map<std::string, std::string> options;
    /// Options that decide no bits: what holds unless the one that resumes says otherwise.
    std::map<std::string, std::string> defaults;
    std::string data_digest;  ///< digest_of(DataSource)
    TrainResult result;
    LockstepCounts lockstep;
    OverflowLog overflows;
    std::vector<State> states;
};

/// The states of a graph by name and shape, in its order.
std::vector<Checkpoint::State> states_of(const StepGraph& step);
/// XXH3-128, 32 hexadecimal digits, over the names, shapes and values of all states: equal for runs of equal bits.
std::string states_digest(const StepGraph& step, const Plan& plan);

/// Gives the FP32 value of state `index`. Called once for each, in order, so that one value is in memory at a time.
using ReadState = std::function<HostTensor(std::size_t index)>;

/// The file appears whole, on the disk, or not at all. Throws InputError.
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, const ReadState& read);

class CheckpointReader {
public:
    /// Reads the file once to compare its digest. Throws DamagedCheckpoint; InputError if it cannot be opened.
    explicit CheckpointReader(const std::string& path);
    ~CheckpointReader();
    CheckpointReader(const CheckpointReader&) = delete;
    CheckpointReader& operator=(const CheckpointReader&) = delete;

    const std::string& path() const { return path_; }
    const Checkpoint& checkpoint() const { return checkpoint_; }
    HostTensor read_state(std::size_t index) const;
    /// Gives every state of `step` its value. Throws InputError if names or shapes differ.
    void restore(const StepGraph& step, Plan& plan) const;

private:
    void read(std::uint64_t offset, void* data, std::size_t size) const;

    std::string path_;
    int descriptor_ = -1;
    Checkpoint checkpoint_;
    std::vector<std::uint64_t> offsets_;
};

}  // namespace dfp16
