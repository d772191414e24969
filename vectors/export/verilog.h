// Golden cases as $readmemh files with self-checking test benches (docs/verilog.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vectors/golden_file.h"

namespace dfp16 {

struct VerilogOptions {
    std::string module;  ///< the module under test; empty: dfp16_OP
    std::int64_t lanes =
        0;  ///< elements in a word; 0: of instructions a vector a word, of other operations one element
    std::map<std::string, std::int64_t> tensor_lanes;  ///< the same for single tensors, by name
    bool channel_blocked = false;                      ///< order of elements: channels in blocks of the tensor's lanes
    std::map<std::string, std::string> orders;         ///< the order of single tensors: "w" -> "k/16,c/2,r,s,k%16,c%2"
    std::int64_t most_shown = 10;                      ///< mismatches that a bench prints
    std::int64_t most_cycles = 0;                      ///< until done; 0: 1,000,000 and 1,000 an element
};

/// Writes DIRECTORY/000012/bench.sv, in_NAME.hex and out_NAME.hex for each case, and DIRECTORY/run.sh, which runs them.
/// The directory appears whole or not at all; one that holds other files is refused. No `cases` means all of them.
/// Throws InputError for a damaged file, a case beyond the last, an order or name that fits no tensor of any case, and
/// an unwritable place.
void export_verilog(const std::string& directory, const GoldenReader& reader, const std::vector<std::int64_t>& cases,
                    const VerilogOptions& options);

}  // namespace dfp16
