// Batches of a data set as network input.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "reference/data/augment.h"
#include "reference/data/dataset.h"
#include "reference/data/ordered_queue.h"
#include "reference/interface/host_tensor.h"

namespace dfp16 {

struct Batch {
    HostTensor images;  ///< fp32 (N, C, H, W)
    HostTensor labels;  ///< label (N)
};

struct BatchOptions {
    Augment augment = Augment::none;
    std::uint64_t seed = 1;  ///< of the augmentation
    std::int64_t batch = 64;
    int threads = 1;  ///< background threads, where images must be decoded or augmented; 0: next() does that
};

/// Gives the samples of an order, batch by batch. Images are made ahead by background threads, a few batches at most.
/// What an image looks like is a function of the set, the augmentation, seed, epoch and sample number only: threads,
/// batch size and the place in the batch change nothing, and any batch of any epoch can be the first.
class BatchSource {
public:
    /// The set must outlive this.
    BatchSource(const Dataset& dataset, const BatchOptions& options);

    /// From now on next() gives the batches of `order` (sample numbers of the set; the last batch may be smaller), seen
    /// as in `epoch`, beginning with batch number `first`. Throws InputError for a sample number out of range.
    void start(std::vector<std::uint32_t> order, std::uint32_t epoch, std::int64_t first = 0);
    /// The next batch; tensors that have the right shape already are reused. Throws InputError, which names the image,
    /// for one that cannot be decoded.
    void next(Batch& batch);

private:
    using Pixels = std::vector<std::uint8_t>;  ///< (C, H, W)

    bool in_memory_as_is() const { return !dataset_.packed && options_.augment == Augment::none; }
    Pixels make_image(std::uint32_t sample) const;
    void write_image(const std::uint8_t* pixels, float* out) const;

    const Dataset& dataset_;
    BatchOptions options_;
    std::vector<std::array<float, 256>> values_;  ///< of each channel
    std::vector<std::uint32_t> order_;
    std::uint32_t epoch_ = 0;
    std::size_t next_ = 0;  ///< place in the order
    OrderedQueue<Pixels> queue_;
};

}  // namespace dfp16
