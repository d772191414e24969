#include "vectors/export/verilog_bench.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "vectors/export/verilog_parameters.h"

namespace dfp16 {

namespace {

using Words = std::vector<std::pair<std::string, std::string>>;

/// The template with each @word@ replaced.
std::string filled(std::string text, const Words& words) {
    for (const auto& [word, replacement] : words) {
        const std::string mark = "@" + word + "@";
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + replacement.size())) {
            text.replace(at, mark.size(), replacement);
        }
    }
    return text;
}

/// Safe in a comment, a string and a format.
std::string plain(std::string text) {
    for (char& c : text) {
        const bool safe =
            std::isalnum(static_cast<unsigned char>(c)) || std::string(" ._/+-:=(),^#").find(c) != std::string::npos;
        if (!safe) c = '_';
    }
    return text;
}

std::string capitals(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

Words words_of(const VerilogTensor& tensor) {
    return {{"t", tensor.operand.name},
            {"T", capitals(tensor.operand.name)},
            {"type", name_of(tensor.operand.type)},
            {"shape", tensor.operand.shape.text()},
            {"order", tensor.order.text()},
            {"lanes", std::to_string(tensor.lanes)},
            {"words", std::to_string(tensor.words())},
            {"bits", std::to_string(tensor.bits())}};
}

constexpr const char* kHead = R"v(// @title@
// @name@
// A module under test has the parameters and ports of the instance below (dfp16, docs/verilog.md). Another name than
// @module@: define DFP16_DUT. The files are read from the directory given as +dir=DIRECTORY, or the current one.
`timescale 1ns / 1ps
`ifndef DFP16_DUT
`define DFP16_DUT @module@
`endif
/* verilator lint_off WIDTH */

module dfp16_bench;
    // The operation.
)v";

constexpr const char* kClock = R"v(
    reg clk = 1'b0;
    reg reset = 1'b1;
    reg start = 1'b0;
    wire done;
    always #5 clk = ~clk;
)v";

constexpr const char* kSizes = R"v(
    localparam integer @T@_LANES = @lanes@;
    localparam integer @T@_WORDS = @words@;
)v";

constexpr const char* kInput = R"v(
    // Input @t@: @type@ @shape@, order @order@.@sizes@    reg [@bits@ * @T@_LANES - 1:0] @t@_in [0:@T@_WORDS - 1];
    wire [31:0] @t@_raddr;
    reg [@bits@ * @T@_LANES - 1:0] @t@_rdata;
    always @(posedge clk) @t@_rdata <= @t@_in[@t@_raddr];
)v";

constexpr const char* kOutput = R"v(
    // Output @t@: @type@ @shape@, order @order@.@sizes@    reg [@bits@ * @T@_LANES - 1:0] @t@_expected [0:@T@_WORDS - 1];
    reg [@bits@ * @T@_LANES - 1:0] @t@_out [0:@T@_WORDS - 1];
    reg [@T@_LANES - 1:0] @t@_written [0:@T@_WORDS - 1];
    wire [@T@_LANES - 1:0] @t@_we;
    wire [31:0] @t@_waddr;
    wire [@bits@ * @T@_LANES - 1:0] @t@_wdata;
    integer @t@_lane;
    always @(posedge clk) begin
        for (@t@_lane = 0; @t@_lane < @T@_LANES; @t@_lane = @t@_lane + 1) begin
            if (!reset && @t@_we[@t@_lane] === 1'b1) begin
                if (@t@_waddr >= @T@_WORDS) begin
                    if (outside == 0) $display("@t@: word %0d written, it has %0d", @t@_waddr, @T@_WORDS);
                    outside = outside + 1;
                end else begin
                    @t@_out[@t@_waddr][@bits@ * @t@_lane +: @bits@] = @t@_wdata[@bits@ * @t@_lane +: @bits@];
                    @t@_written[@t@_waddr][@t@_lane] = 1'b1;
                end
            end
        end
    end
)v";

/// Around the comparison stand the loops over the axes.
constexpr const char* kCheck = R"v(
    task check_@t@;
        integer @coordinates@, position;
        reg [@bits@ - 1:0] got, expected;
        begin
@exponent@            @loops@ begin
                position = @position@;
                expected = @t@_expected[position / @T@_LANES][@bits@ * (position % @T@_LANES) +: @bits@];
                got = @t@_out[position / @T@_LANES][@bits@ * (position % @T@_LANES) +: @bits@];
                if (@t@_written[position / @T@_LANES][position % @T@_LANES] !== 1'b1) begin
                    if (differing < SHOWN) $display("@t@(@formats@): not written, expected 0x%h@decimal@", @coordinates@,
                                                    expected@expected@);
                    differing = differing + 1;
                end else if (got !== expected) begin
                    if (differing < SHOWN) $display("@t@(@formats@): got 0x%h@decimal@, expected 0x%h@decimal@", @coordinates@,
                                                    got@got@, expected@expected@);
                    differing = differing + 1;
                end
                compared = compared + 1;
            end
        end
    endtask
)v";

constexpr const char* kExponentCheck = R"v(            if (@t@_exponent_out !== @T@_EXPONENT_OUT) begin
                $display("@t@: exponent %0d, expected %0d", @t@_exponent_out, @T@_EXPONENT_OUT);
                differing = differing + 1;
            end
            compared = compared + 1;
)v";

constexpr const char* kRun = R"v(
    // Reset for four edges, one cycle of start, then all that is written up to and with done counts.
    reg [63:0] cycle = 0;
    reg [63:0] most_cycles;
    reg finished = 1'b0;
    string directory;
    integer word;
    initial begin
        if (!$value$plusargs("dir=%s", directory)) directory = ".";
        if (!$value$plusargs("max_cycles=%d", most_cycles)) most_cycles = @cycles@;
@load@    end
    always @(posedge clk) begin
        cycle <= cycle + 1;
        reset <= cycle < 4;
        start <= cycle == 6;
        if (cycle > 7 && done === 1'b1) finished <= 1'b1;
        if (finished) begin
@checks@            if (differing == 0 && outside == 0) begin
                $display("PASS @number@ @name@: %0d values, %0d cycles", compared, cycle - 8);
                $finish;
            end else begin
                $display("FAIL @number@ @name@: %0d of %0d values differ, %0d writes outside", differing, compared, outside);
                $fatal(1);
            end
        end else if (cycle > most_cycles) begin
            $display("FAIL @number@ @name@: not done after %0d cycles (+max_cycles=N allows more)", most_cycles);
            $fatal(1);
        end
    end
endmodule
)v";

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
    return text;
}

bool in_place(const VerilogBench& bench, const VerilogTensor& output) {
    return std::any_of(bench.inputs.begin(), bench.inputs.end(),
                       [&](const VerilogTensor& input) { return input.operand.name == output.operand.name; });
}

std::string exponent_text(const std::string& name, int value) {
    return fmt::format("    localparam signed [15:0] {} = {};\n", name, value);
}

std::string declarations(const VerilogBench& bench, const Case& golden_case) {
    std::string text;
    for (std::size_t i = 0; i < bench.inputs.size(); ++i) {
        Words words = words_of(bench.inputs[i]);
        words.insert(words.begin(), {"sizes", kSizes});
        text += filled(kInput, words);
        if (!bench.inputs[i].operand.scaled) continue;
        text += exponent_text(filled("@T@_EXPONENT", words), golden_case.inputs[i].exponent.value);
    }
    for (std::size_t i = 0; i < bench.outputs.size(); ++i) {
        Words words = words_of(bench.outputs[i]);
        words.insert(words.begin(), {"sizes", in_place(bench, bench.outputs[i]) ? "\n" : kSizes});
        text += filled(kOutput, words);
        if (!bench.outputs[i].operand.scaled) continue;
        text += filled("    wire signed [15:0] @t@_exponent_out;\n", words);
        text += exponent_text(filled("@T@_EXPONENT_OUT", words), golden_case.outputs[i].exponent.value);
    }
    return text;
}

std::string instance(const VerilogBench& bench, const std::vector<VerilogParameter>& parameters) {
    std::vector<std::string> given;
    std::vector<std::string> ports{".clk(clk), .reset(reset), .start(start), .done(done)"};
    given.reserve(parameters.size() + bench.inputs.size() + bench.outputs.size());
    for (const VerilogParameter& parameter : parameters) given.push_back(fmt::format(".{0}({0})", parameter.name));
    for (const VerilogTensor& input : bench.inputs) {
        given.push_back(filled(".@T@_LANES(@T@_LANES)", words_of(input)));
        ports.push_back(filled(".@t@_raddr(@t@_raddr), .@t@_rdata(@t@_rdata)", words_of(input)));
        if (input.operand.scaled) ports.back() += filled(", .@t@_exponent(@T@_EXPONENT)", words_of(input));
    }
    for (const VerilogTensor& output : bench.outputs) {
        if (!in_place(bench, output)) given.push_back(filled(".@T@_LANES(@T@_LANES)", words_of(output)));
        ports.push_back(filled(".@t@_we(@t@_we), .@t@_waddr(@t@_waddr), .@t@_wdata(@t@_wdata)", words_of(output)));
        if (output.operand.scaled) ports.back() += filled(", .@t@_exponent_out(@t@_exponent_out)", words_of(output));
    }
    const std::string between = ",\n        ";
    return "\n    `DFP16_DUT #(\n        " + joined(given, between) + "\n    ) dut (\n        " +
           joined(ports, between) + "\n    );\n";
}

std::string check(const VerilogTensor& output) {
    std::vector<std::string> coordinates;
    std::vector<std::string> formats;
    std::vector<std::string> loops;
    for (std::size_t i = 0; i < output.order.axes().size(); ++i) {
        coordinates.push_back("i_" + output.order.axes()[i]);
        formats.emplace_back("%0d");
        loops.push_back(
            fmt::format("for ({0} = 0; {0} < {1}; {0} = {0} + 1)", coordinates[i], output.order.shape()[i]));
    }
    const bool integers = output.operand.type != ElementType::fp32;
    Words words{{"exponent", output.operand.scaled ? kExponentCheck : ""},
                {"coordinates", joined(coordinates, ", ")},
                {"formats", joined(formats, ",")},
                {"loops", joined(loops, "\n            ")},
                {"position", output.order.expression("i_")},
                {"decimal", integers ? " (%0d)" : ""},
                {"got", integers ? ", $signed(got)" : ""},
                {"expected", integers ? ", $signed(expected)" : ""}};
    const Words of_tensor = words_of(output);
    words.insert(words.end(), of_tensor.begin(), of_tensor.end());
    return filled(kCheck, words);
}

std::string run(const VerilogBench& bench, const Case& golden_case) {
    std::string load;
    std::string checks;
    for (const VerilogTensor& input : bench.inputs) {
        load += filled("        $readmemh({directory, \"/in_@t@.hex\"}, @t@_in);\n", words_of(input));
    }
    for (const VerilogTensor& output : bench.outputs) {
        load += filled(
            "        $readmemh({directory, \"/out_@t@.hex\"}, @t@_expected);\n"
            "        for (word = 0; word < @T@_WORDS; word = word + 1) @t@_written[word] = 0;\n",
            words_of(output));
        checks += filled("            check_@t@;\n", words_of(output));
    }
    return filled(kRun, {{"cycles", std::to_string(bench.most_cycles)},
                         {"load", load},
                         {"checks", checks},
                         {"number", bench.number},
                         {"name", plain(golden_case.name)}});
}

}  // namespace

std::string bench_text(const VerilogBench& bench, const Case& golden_case) {
    const std::vector<VerilogParameter> parameters = verilog_parameters(golden_case);
    std::string text =
        filled(kHead, {{"title", plain(bench.title)}, {"name", plain(golden_case.name)}, {"module", bench.module}});
    for (const VerilogParameter& parameter : parameters) {
        text += fmt::format("    localparam {} {} = {};{}\n", parameter.type, parameter.name, parameter.value,
                            parameter.comment.empty() ? "" : "  // " + parameter.comment);
    }
    text += fmt::format("\n    localparam integer SHOWN = {};\n", bench.most_shown);
    text += "    integer compared = 0;\n    integer differing = 0;\n    integer outside = 0;\n";
    text += kClock;
    text += declarations(bench, golden_case);
    text += instance(bench, parameters);
    for (const VerilogTensor& output : bench.outputs) text += check(output);
    return text + run(bench, golden_case);
}

}  // namespace dfp16
