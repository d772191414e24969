// A training step of the FP32 twin as files, for compare.py to repeat with PyTorch.
#pragma once

#include <cstdint>
#include <string>

#include "reference/networks/network.h"

namespace dfp16::test {

/// Runs the first training step on random images and labels, and writes to the directory:
/// - network.json: the layers as data, and for each tensor its shape and where it starts in tensors.bin;
/// - tensors.bin: FP32 (labels INT32), little-endian, row-major: images, labels, parameters and running statistics
/// before
///   the step, dropout masks; then what the twin made of them: each layer's y, losses, gradients of parameters, running
///   statistics.
/// Throws InputError.
void dump_step(const Network& network, std::int64_t batch, std::uint64_t seed, const std::string& directory);

}  // namespace dfp16::test
