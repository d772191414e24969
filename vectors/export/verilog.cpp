#include "vectors/export/verilog.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <regex>
#include <set>

#include "sim/types/error.h"
#include "vectors/export/output_directory.h"
#include "vectors/export/verilog_bench.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kMostLanes = 4096;

constexpr const char* kRunScript = R"sh(#!/bin/sh
# usage: run.sh FILE.v ...: every bench here with these sources of the module under test. Icarus Verilog, or Verilator with
# SIMULATOR=verilator. Options of the compiler (-DNAME) may stand beside the sources; those of the simulation go into PLUSARGS
# ("+max_cycles=1000"). Status 0: all passed.
set -u
here=$(CDPATH="" cd -- "$(dirname -- "$0")" && pwd)
build=$(mktemp -d) || exit 2
trap 'rm -rf "$build"' EXIT
status=0
for bench in "$here"/*/bench.sv; do
    if [ "${SIMULATOR:-iverilog}" = verilator ]; then
        rm -rf "$build/objects"
        verilator --binary --timing -Wno-fatal --top-module dfp16_bench --Mdir "$build/objects" -o ../bench "$bench" "$@" \
            >"$build/log" 2>&1 && simulate="$build/bench"
    else
        iverilog -g2012 -s dfp16_bench -o "$build/bench.vvp" "$bench" "$@" >"$build/log" 2>&1 &&
            simulate="vvp -n $build/bench.vvp"
    fi || {
        echo "FAIL $bench: it does not compile" >&2
        cat "$build/log" >&2
        status=1
        continue
    }
    # shellcheck disable=SC2086
    $simulate "+dir=$(dirname -- "$bench")" ${PLUSARGS:-} || status=1
done
exit $status
)sh";

/// What the options name must belong to some tensor: a slip of the pen would otherwise go unseen.
class NamesUsed {
public:
    void add(const VerilogTensor& tensor) { names_.insert(tensor.operand.name); }
    template <typename Value>
    void require_all(const char* what, const std::map<std::string, Value>& given) const {
        for (const auto& [name, value] : given) {
            if (!names_.contains(name)) {
                throw InputError(fmt::format("{} of tensor '{}': no exported case has it", what, name));
            }
        }
    }

private:
    std::set<std::string> names_;
};

std::int64_t lanes_of(const CaseHeader& header, const Operand& operand, const VerilogOptions& options) {
    const auto own = options.tensor_lanes.find(operand.name);
    const std::int64_t given = own == options.tensor_lanes.end() ? options.lanes : own->second;
    if (given < 0 || given > kMostLanes || (given == 0 && own != options.tensor_lanes.end())) {
        throw InputError(fmt::format("lanes = {}, expected 1 to {}", given, kMostLanes));
    }
    if (given > 0) return given;
    const bool row = is_instruction(header.op) && operand.shape.rank() == 2;
    return row ? operand.shape[1] : 1;
}

VerilogTensor tensor_of(const CaseHeader& header, Operand operand, const VerilogOptions& options) {
    const std::int64_t lanes = lanes_of(header, operand, options);
    const auto own = options.orders.find(operand.name);
    std::string order = row_major_order(operand.axes, operand.shape);
    if (options.channel_blocked) order = channel_blocked_order(operand.axes, operand.shape, lanes);
    if (own != options.orders.end()) order = own->second;
    operand.scaled = operand.scaled && !is_instruction(header.op);  // their operands are plain integers
    try {
        return {operand, ElementOrder(order, operand.axes, operand.shape), lanes};
    } catch (const InputError& error) {
        throw InputError("tensor '" + operand.name + "': " + error.what());
    }
}

VerilogBench bench_of(const Case& golden_case, const VerilogOptions& options) {
    VerilogBench bench;
    bench.module = options.module.empty() ? std::string("dfp16_") + name_of(golden_case.op) : options.module;
    bench.most_shown = options.most_shown;
    const Operands operands = operands_of(golden_case);
    std::int64_t elements = 0;
    for (const Operand& input : operands.inputs) {
        bench.inputs.push_back(tensor_of(golden_case, input, options));
        elements += input.shape.elements();
    }
    for (const Operand& output : operands.outputs) {
        bench.outputs.push_back(tensor_of(golden_case, output, options));
        elements += output.shape.elements();
    }
    bench.most_cycles = options.most_cycles > 0 ? options.most_cycles : 1'000'000 + 1'000 * elements;
    return bench;
}

void write_case(OutputDirectory& directory, const VerilogBench& bench, const Case& golden_case) {
    const std::string place = bench.number + "/";
    for (std::size_t i = 0; i < bench.inputs.size(); ++i) {
        directory.write(place + "in_" + bench.inputs[i].operand.name + ".hex",
                        hex_text(bench.inputs[i], golden_case.inputs[i]));
    }
    for (std::size_t i = 0; i < bench.outputs.size(); ++i) {
        directory.write(place + "out_" + bench.outputs[i].operand.name + ".hex",
                        hex_text(bench.outputs[i], golden_case.outputs[i]));
    }
    directory.write(place + "bench.sv", bench_text(bench, golden_case));
}

void check_options(const VerilogOptions& options) {
    static const std::regex identifier("[A-Za-z_][A-Za-z_0-9]*");
    if (!options.module.empty() && !std::regex_match(options.module, identifier)) {
        throw InputError("module '" + options.module + "', expected a Verilog name");
    }
    if (options.most_shown < 0 || options.most_cycles < 0) {
        throw InputError("a number of mismatches or cycles below 0, expected 0 or more");
    }
}

}  // namespace

void export_verilog(const std::string& directory, const GoldenReader& reader, const std::vector<std::int64_t>& cases,
                    const VerilogOptions& options) {
    check_options(options);
    std::vector<std::int64_t> numbers = cases;
    if (numbers.empty()) {
        numbers.resize(static_cast<std::size_t>(reader.cases()));
        std::iota(numbers.begin(), numbers.end(), 0);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    if (numbers.empty()) throw InputError("no case to export");
    OutputDirectory output(directory);
    NamesUsed names;
    for (const std::int64_t number : numbers) {
        const Case golden_case = reader.read(number);
        VerilogBench bench = bench_of(golden_case, options);
        bench.number = case_group_name(number);
        const FileHeader& header = reader.header();
        bench.title = fmt::format("Case {} of suite {}, level {}, seed {}, contract {}: {}", bench.number, header.suite,
                                  header.level, header.seed, header.contract, name_of(golden_case.op));
        write_case(output, bench, golden_case);
        for (const VerilogTensor& tensor : bench.inputs) names.add(tensor);
        for (const VerilogTensor& tensor : bench.outputs) names.add(tensor);
    }
    names.require_all("lanes", options.tensor_lanes);
    names.require_all("order", options.orders);
    output.write("run.sh", kRunScript);
    output.commit();
}

}  // namespace dfp16
