// End-to-end training steps: ours against PyTorch's and against our FP32 twin, and where a step's time goes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fastpath/isa.h"
#include "reference/interface/graph.h"
#include "tools/bench/record.h"

namespace dfp16::bench {

struct StepOptions {
    std::string program;  ///< this program, to start `bench --serve` with
    fast::Isa isa = fast::Isa::portable;
    int threads = 1;
    std::int64_t batch = 16;
    int rounds = 5;
    std::function<void(const std::string& note)> progress;  ///< may be empty
};

/// step.NET.vs_pytorch_fp32, step.NET.vs_pytorch_bf16 (where the CPU has AVX512_BF16), step.NET.vs_twin,
/// step.NET.seconds, step.NET.memory_vs_pytorch_fp32. What is not to be had here (PyTorch, BF16) goes to `left_out`, a
/// line each. Every peer runs beside ours alone, step by step in turn, each in a process of its own.
std::vector<Record> measure_steps(const std::string& network, const StepOptions& options,
                                  std::vector<std::string>& left_out);

/// One operation of a step: its median seconds, and what the machine would need at its measured peaks.
struct OperationTime {
    std::string layer;
    dfp16::Pass pass;
    OpKind kind;
    double seconds = 0.0;
    double macs = 0.0;
    double bytes = 0.0;  ///< stored operands and results, each once
    /// The larger of what MACs and bytes take at the peaks.
    double roofline_seconds = 0.0;
};

struct Breakdown {
    std::vector<OperationTime> operations;
    double seconds = 0.0;                  ///< of the whole step, median
    double macs_per_second = 0.0;          ///< measured instruction peak, the best of the rounds
    double bytes_per_second = 0.0;         ///< measured by copying
    std::vector<double> outside_products;  ///< by step: the share of all but convolutions and fully connected layers
};

Breakdown break_down(const std::string& network, const StepOptions& options);

}  // namespace dfp16::bench
