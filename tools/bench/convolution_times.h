// Every distinct convolution of the paper's networks, each pass, against the machine's own peak and against oneDNN.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fastpath/isa.h"
#include "tools/bench/convolution.h"
#include "tools/bench/record.h"

namespace dfp16::bench {

struct ConvolutionOptions {
    fast::Isa isa = fast::Isa::portable;
    int threads = 1;
    std::int64_t batch = 16;
    int rounds = 5;
    /// How far it is; may be empty.
    std::function<void(std::int64_t done, std::int64_t total, const std::string& note)> progress;
};

/// Seconds of one convolution, round by round: peak, ours and oneDNN in turn.
struct ConvolutionTimes {
    std::string layer;  ///< the first that has this shape: "resnet50/conv1"
    Pass pass = Pass::forward;
    ConvParams params;
    double weight = 0.0;               ///< how often ResNet-50 and VGG-16 have it
    std::vector<double> peak_seconds;  ///< that its MACs would take at the measured instruction peak
    std::vector<double> seconds;
    std::vector<double> onednn_seconds;  ///< empty without oneDNN
};

/// Every ISA has a peak but portable, which is refused with InputError.
std::vector<ConvolutionTimes> measure_convolutions(const ConvolutionOptions& options);

/// conv.PASS.of_peak, conv.vs_onednn_fp32, conv.worst_vs_onednn_fp32, and those of each single convolution.
std::vector<Record> records_of(const std::vector<ConvolutionTimes>& times);

}  // namespace dfp16::bench
