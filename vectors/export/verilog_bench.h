// The text of a self-checking test bench for one case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/export/verilog_tensor.h"

namespace dfp16 {

struct VerilogBench {
    std::string title;   ///< "case 000012 of suite gemm, level 1, seed 1, contract 2"
    std::string number;  ///< "000012"
    std::string module;  ///< the module under test
    std::vector<VerilogTensor> inputs;
    std::vector<VerilogTensor> outputs;
    std::int64_t most_shown = 10;
    std::int64_t most_cycles = 0;
};

/// One SystemVerilog file with the module dfp16_bench, for Icarus Verilog (-g2012), Verilator (--binary) and others.
std::string bench_text(const VerilogBench& bench, const Case& golden_case);

}  // namespace dfp16
