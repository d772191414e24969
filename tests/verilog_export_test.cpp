// Exported benches under Icarus Verilog: what is right passes, what is wrong fails at the right index.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/vectors_helpers.h"
#include "vectors/export/element_order.h"
#include "vectors/export/verilog.h"
#include "vectors/export/verilog_parameters.h"

namespace dfp16::test {
namespace {

const std::string kSamples = DFP16_SOURCE_DIR "/vectors/export/samples/";
const std::string kGemm = kSamples + "dfp16_gemm.sv " DFP16_SOURCE_DIR "/vectors/dpi/samples/mac_array.sv";

struct ShellResult {
    int status = -1;
    std::string out;  ///< both streams
};

ShellResult shell(const std::string& command) {
    const TemporaryDirectory directory;
    const int status = std::system(("(" + command + ") >" + directory.file("out") + " 2>&1 </dev/null").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of(directory.file("out"))};
}

int count(const std::string& text, const std::string& what) {
    int found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

/// Cases of generated suites, exported to a directory of their own.
class VerilogExport : public testing::Test {
protected:
    std::string directory() const { return place_.file("export"); }
    void export_cases(const std::vector<Case>& cases, const VerilogOptions& options = {}) const {
        const std::string file = place_.file("cases.h5");
        write_file(file, cases);
        export_verilog(directory(), GoldenReader(file), {}, options);
    }
    ShellResult run(const std::string& sources, const std::string& environment = "") const {
        return shell(environment + " sh " + directory() + "/run.sh " + sources);
    }
    TemporaryDirectory place_;
};

class VerilogBench : public VerilogExport {
protected:
    void SetUp() override {
        if (shell("command -v iverilog && command -v vvp").status != 0) GTEST_SKIP() << "no Icarus Verilog";
    }
};

/// The cases of a suite, without outputs, for which `wanted` holds, `step` apart.
std::vector<Case> cases_where(const std::string& suite, std::size_t step,
                              const std::function<bool(const Case&)>& wanted) {
    const Suite all = make_suite(suite, 1);
    std::vector<Case> cases;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (wanted(all.make(i, 1)) && seen++ % step == 0) cases.push_back(case_of(suite, i));
    }
    return cases;
}

Policy policy_of(const Case& c) {
    if (const auto* gemm = std::get_if<GemmParams>(&c.params)) return gemm->accumulation.policy;
    if (const auto* conv = std::get_if<ConvParams>(&c.params)) return conv->accumulation.policy;
    return Policy::exact;
}

bool integer_sum(const Case& c) {
    return policy_of(c) == Policy::wrap || policy_of(c) == Policy::saturate;
}

std::vector<HostTensor> run_golden(const Case& c) {
    const auto golden = make_golden_backend(1);
    return run(c, *golden);
}

/// Policy wrap, mantissas of both signs.
Case gemm_case(std::int64_t M, std::int64_t N, std::int64_t K) {
    Case c;
    c.name = "made";
    c.op = OpKind::gemm;
    c.params = GemmParams{M, N, K, {Policy::wrap, 64}};
    c.inputs = {HostTensor(ElementType::mantissa, {M, K}), HostTensor(ElementType::mantissa, {K, N})};
    const RandomStream random{7, 0, Purpose::golden_case, 0};
    for (std::uint32_t i = 0; HostTensor & input : c.inputs) {
        for (Mantissa& m : input.mantissas()) m = {static_cast<std::int16_t>(random.word(i++))};
    }
    c.outputs = run_golden(c);
    return c;
}

int matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    return static_cast<int>(std::distance(std::sregex_iterator(text.begin(), text.end(), expression), {}));
}

std::string hex(std::uint32_t bits) {
    char text[16];
    std::snprintf(text, sizeof text, "%08x", bits);
    return text;
}

/// Tiles of 2 x 3 cells.
VerilogOptions gemm_tiles() {
    VerilogOptions options;
    options.tensor_lanes = {{"a", 4}, {"b", 6}, {"c", 6}};
    options.orders = {{"a", "m/2,k/2,m%2,k%2"}, {"b", "n/3,k/2,n%3,k%2"}, {"c", "m/2,n/3,m%2,n%3"}};
    return options;
}

TEST_F(VerilogBench, InstructionsPassAndAFaultIsFound) {
    const auto cases = cases_where("instructions", 9, [](const Case& c) {
        return c.op == OpKind::vpmaddwd || c.op == OpKind::vpdpwssd || c.op == OpKind::vpdpwssds;
    });
    ASSERT_GT(cases.size(), 15u);
    export_cases(cases);
    const ShellResult right = run(kSamples + "dfp16_instructions.sv");
    EXPECT_EQ(right.status, 0) << right.out;
    EXPECT_EQ(count(right.out, "PASS"), static_cast<int>(cases.size())) << right.out;

    // VPDPWSSDS as VPMADDWD and a saturating addition.
    const ShellResult wrong = run("-DDFP16_PLANT_FAULT " + kSamples + "dfp16_instructions.sv");
    EXPECT_EQ(wrong.status, 1) << wrong.out;
    EXPECT_GT(count(wrong.out, "FAIL"), 0) << wrong.out;
    EXPECT_EQ(count(wrong.out, "FAIL"), matches(wrong.out, "FAIL [0-9]+ vpdpwssds/[^\n]*lowest")) << wrong.out;
    EXPECT_EQ(count(wrong.out, "PASS") + count(wrong.out, "FAIL"), static_cast<int>(cases.size())) << wrong.out;
}

/// One case of VPDPWSSD with a wrong bit in what it expects stands for a module that is wrong in that element.
TEST_F(VerilogBench, MismatchesAreNamedByIndex) {
    std::vector<Case> cases = cases_where("instructions", 40, [](const Case& c) { return c.op == OpKind::vpdpwssd; });
    cases.resize(1);
    HostTensor& d = cases[0].outputs[0];
    const std::int64_t lanes = d.shape[1];
    const std::string right = hex(d.bits(5 * lanes + 2));
    d.flip_bit(5 * lanes + 2, 30);
    d.flip_bit(7 * lanes, 0);
    const std::string wrong = hex(d.bits(5 * lanes + 2));
    export_cases(cases);
    const ShellResult result = run(kSamples + "dfp16_instructions.sv");
    EXPECT_EQ(result.status, 1) << result.out;
    EXPECT_NE(result.out.find("d(5,2): got 0x" + right), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("expected 0x" + wrong), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("d(7,0): got"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("2 of " + std::to_string(d.elements()) + " values differ"), std::string::npos)
        << result.out;
    EXPECT_EQ(count(result.out, "got"), 2) << result.out;
}

TEST_F(VerilogBench, GemmOnAMacArray) {
    const auto cases = cases_where("gemm", 11, integer_sum);
    ASSERT_GT(cases.size(), 10u);
    export_cases(cases, gemm_tiles());
    const ShellResult result = run(kGemm);
    EXPECT_EQ(result.status, 0) << result.out;
    EXPECT_EQ(count(result.out, "PASS"), static_cast<int>(cases.size())) << result.out;
}

TEST_F(VerilogBench, PlantedFaultOfAMacArrayFailsInItsColumn) {
    std::vector<Case> cases{gemm_case(4, 6, 10)};
    export_cases(cases, gemm_tiles());
    const ShellResult unplanted = run("-DDFP16_PLANT_FAULT " + kGemm);
    EXPECT_EQ(unplanted.status, 0) << unplanted.out;
    const ShellResult planted = run("-DDFP16_PLANT_FAULT " + kGemm, "PLUSARGS=+plant");
    EXPECT_EQ(planted.status, 1) << planted.out;
    // The last cell of a tile of 2 x 3 has the outputs (1,2), (1,5), (3,2), (3,5).
    for (const char* index : {"c(1,2)", "c(1,5)", "c(3,2)", "c(3,5)"}) {
        EXPECT_NE(planted.out.find(std::string(index) + ": got"), std::string::npos) << index << "\n" << planted.out;
    }
    EXPECT_NE(planted.out.find("FAIL 000000 made: 4 of 25 values differ"), std::string::npos) << planted.out;
}

TEST_F(VerilogBench, ConvolutionForward) {
    const auto small = [](const Case& c) {
        const auto* p = std::get_if<ConvParams>(&c.params);
        return c.op == OpKind::conv_forward && integer_sum(c) &&
               p->N * p->K * p->P * p->Q * p->C / p->groups * p->R * p->S < 30000;
    };
    const auto cases = cases_where("conv", 6, small);
    ASSERT_GT(cases.size(), 3u);
    export_cases(cases);
    const ShellResult result = run(kSamples + "dfp16_conv_forward.sv");
    EXPECT_EQ(result.status, 0) << result.out;
    EXPECT_EQ(count(result.out, "PASS"), static_cast<int>(cases.size())) << result.out;
}

std::string capitals(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// A module that answers with the expected files: what a right module would do, for any operation. Row-major, `lanes`
/// elements a word.
std::string replayer(const Case& c, std::int64_t lanes) {
    std::string parameters = "parameter LANES = " + std::to_string(lanes);
    std::string ports = "input clk, reset, start, output reg done";
    std::string body = "string directory; reg [31:0] at;\n";
    for (const VerilogParameter& parameter : verilog_parameters(c)) {
        parameters += ", parameter " + parameter.type + " " + parameter.name + " = 0";
    }
    std::set<std::string> tensors;
    std::int64_t most_words = 0;
    const auto add = [&](const Operand& operand, const std::string& port_text) {
        std::string text = port_text;
        for (std::size_t found = 0; (found = text.find('@')) != std::string::npos;)
            text.replace(found, 1, operand.name);
        ports += text;
        if (tensors.insert(operand.name).second) parameters += ", parameter " + capitals(operand.name) + "_LANES = 0";
    };
    const Operands operands = operands_of(c);
    const bool exponents = !is_instruction(c.op);
    for (const Operand& input : operands.inputs) {
        const std::string bits = input.type == ElementType::mantissa ? "16" : "32";
        add(input, ", output [31:0] @_raddr, input [" + bits + "*LANES-1:0] @_rdata");
        if (input.scaled && exponents) add(input, ", input signed [15:0] @_exponent");
    }
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        const Operand& output = operands.outputs[i];
        const std::string& t = output.name;
        const std::string width =
            "[" + std::string(output.type == ElementType::mantissa ? "16" : "32") + "*LANES-1:0] ";
        const std::int64_t words = (output.shape.elements() + lanes - 1) / lanes;
        most_words = std::max(most_words, words);
        add(output, ", output [LANES-1:0] @_we, output [31:0] @_waddr, output " + width + "@_wdata");
        if (output.scaled && exponents) {
            add(output, ", output signed [15:0] @_exponent_out");
            body += "assign " + t + "_exponent_out = " + std::to_string(c.outputs[i].exponent.value) + ";\n";
        }
        body += "reg " + width + t + "_m [0:" + std::to_string(words - 1) + "];\n";
        body += "assign " + t + "_we = {LANES{!done && at < " + std::to_string(words) + "}};\n";
        body += "assign " + t + "_waddr = at;\nassign " + t + "_wdata = " + t + "_m[at];\n";
        body += "initial if ($value$plusargs(\"dir=%s\", directory)) $readmemh({directory, \"/out_" + t + ".hex\"}, " +
                t + "_m);\n";
    }
    body += "always @(posedge clk) begin at <= start ? 0 : at + 1; done <= reset || (!start && (done || at >= " +
            std::to_string(most_words) + ")); end\n";
    return "module replayer #(" + parameters + ") (" + ports + ");\n" + body + "endmodule\n";
}

/// One case of every operation: the first in the suites; zeros for those that have no suite.
std::vector<Case> one_of_each() {
    std::vector<Case> cases;
    std::set<OpKind> seen;
    for (const std::string& suite : suite_names()) {
        const Suite all = make_suite(suite, 1);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (seen.insert(all.make(i, 1).op).second) cases.push_back(case_of(suite, i));
        }
    }
    for (int kind = 0; kind <= static_cast<int>(OpKind::sgd_update); ++kind) {
        Case c;
        c.op = static_cast<OpKind>(kind);
        if (!seen.insert(c.op).second) continue;
        c.name = name_of(c.op);
        c.extent = {2, 3};
        if (c.name.starts_with("fc_")) c.params = FcParams{2, 3, 4, {}};
        for (const Operand& input : operands_of(c).inputs) c.inputs.emplace_back(input.type, input.shape);
        c.outputs = run_golden(c);
        cases.push_back(c);
    }
    return cases;
}

/// Every bench compiles and passes a right module.
TEST_F(VerilogBench, EveryOperation) {
    const std::vector<Case> cases = one_of_each();
    EXPECT_EQ(cases.size(), 37u);
    VerilogOptions options;
    options.lanes = 3;
    options.module = "replayer";
    for (const Case& one : cases) {
        SCOPED_TRACE(one.name);
        export_cases({one}, options);
        write_bytes(place_.file("replayer.sv"), replayer(one, 3));
        const ShellResult result = run(place_.file("replayer.sv"));
        EXPECT_EQ(result.status, 0) << result.out;
        EXPECT_EQ(count(result.out, "PASS"), 1) << result.out;
    }
}

TEST_F(VerilogBench, ModuleThatDoesNothing) {
    export_cases({gemm_case(2, 3, 4)});
    const std::string ports =
        "input clk, reset, start, output done, output [31:0] a_raddr, b_raddr, c_waddr, input [15:0] a_rdata, b_rdata,"
        "input [15:0] a_exponent, b_exponent, output c_we, output [31:0] c_wdata, output [15:0] c_exponent_out";
    const std::string head =
        "module dfp16_gemm #(parameter M=0, N=0, K=0, POLICY=0, A_LANES=0, B_LANES=0, C_LANES=0) (" + ports + ");\n";
    write_bytes(place_.file("idle.sv"), head + "assign c_we = 0, done = 0; endmodule\n");
    const ShellResult idle = run(place_.file("idle.sv"), "PLUSARGS=+max_cycles=100");
    EXPECT_EQ(idle.status, 1);
    EXPECT_NE(idle.out.find("FAIL 000000 made: not done after 100 cycles"), std::string::npos) << idle.out;

    write_bytes(place_.file("hasty.sv"), head + "assign c_we = 0, done = 1; endmodule\n");
    const ShellResult hasty = run(place_.file("hasty.sv"));
    EXPECT_EQ(hasty.status, 1);
    EXPECT_NE(hasty.out.find("c(0,0): not written, expected 0x"), std::string::npos) << hasty.out;
    EXPECT_NE(hasty.out.find("FAIL 000000 made: 7 of 7 values differ"), std::string::npos) << hasty.out;

    write_bytes(place_.file("astray.sv"), head + "assign c_we = 1, done = 1, c_waddr = 6; endmodule\n");
    const ShellResult astray = run(place_.file("astray.sv"));
    EXPECT_EQ(astray.status, 1);
    EXPECT_NE(astray.out.find("c: word 6 written, it has 6"), std::string::npos) << astray.out;
}

TEST_F(VerilogBench, NamesOfCasesAreNoVerilog) {
    Case c = gemm_case(2, 3, 4);
    c.name = "made\", %d \\ `x $finish */ \n);";
    export_cases({c}, gemm_tiles());
    const ShellResult result = run(kGemm);
    EXPECT_EQ(result.status, 0) << result.out;
    EXPECT_NE(result.out.find("PASS 000000 made_, _d _ _x _finish _/ _)_: 7 values"), std::string::npos) << result.out;
}

TEST_F(VerilogExport, HexFilesHoldTheTensorInItsOrder) {
    Case c = gemm_case(2, 3, 3);
    c.inputs[1].mantissas() = {{1}, {2}, {3}, {4}, {5}, {6}, {7}, {-8}, {9}};
    VerilogOptions options;
    options.tensor_lanes = {{"a", 3}, {"b", 4}};
    options.orders = {{"b", "k/2,n,k%2"}};
    c.outputs = run_golden(c);
    export_cases({c}, options);
    EXPECT_EQ(bytes_of(directory() + "/000000/in_b.hex"),
              "// b int16 3x3, 4 a word, order k/2,n,k%2\n0005000200040001\n0000000700060003\n00000009"
              "0000fff8\n");
    // Row-major: as the tensor lies.
    const std::string a = bytes_of(directory() + "/000000/in_a.hex");
    char first[16];
    std::snprintf(first, sizeof first, "%04x%04x%04x", c.inputs[0].bits(2), c.inputs[0].bits(1), c.inputs[0].bits(0));
    EXPECT_NE(a.find(std::string("\n") + first + "\n"), std::string::npos) << a;
    EXPECT_TRUE(std::filesystem::exists(directory() + "/000000/out_c.hex"));
}

TEST(ElementOrder, EveryElementHasItsOwnPosition) {
    for (const auto& [order, positions] : std::map<std::string, std::int64_t>{{"n,c,h,w", 210},
                                                                              {"w,h,c,n", 210},
                                                                              {"n,c/4,h,w,c%4", 336},
                                                                              {"c/4,h,w,c/2%2,n,c%2", 336},
                                                                              {"h/2,w/2,n,c,h%2,w%2", 320}}) {
        SCOPED_TRACE(order);
        const ElementOrder made(order, "n,c,h,w", Shape{2, 5, 3, 7});
        std::set<std::int64_t> seen;
        for (std::int64_t i = 0; i < 210; ++i) seen.insert(made.position(i));
        EXPECT_EQ(seen.size(), 210u);
        EXPECT_GE(*seen.begin(), 0);
        EXPECT_LT(*seen.rbegin(), made.positions());
        EXPECT_EQ(made.positions(), positions);
    }
    EXPECT_EQ(channel_blocked_order("n,c,h,w", Shape{1, 1, 1, 1}, 16), "n,c/16,h,w,c%16");
    EXPECT_EQ(ElementOrder("c/4,c%4", "c", Shape{10}).position(7), 7);
}

TEST(ElementOrder, RejectsWhatIsNoOrder) {
    for (const char* order :
         {"", "n,c,h", "n,c,h,w,w", "n,c,h,x", "n,c/4,h,w", "n,c%4,h,w", "n,c/4,h,w,c%3", "n,,c,h,w", "n,c/0,h,w,c%0",
          "n,c/4,h,w,c%4,c", "n,c+1,h,w", "n,c/999999999,h,w,c%999999999,w/9"}) {
        const std::string error = error_of([&] { ElementOrder(order, "n,c,h,w", Shape{2, 5, 3, 7}); });
        EXPECT_NE(error.find("element order '" + std::string(order) + "'"), std::string::npos) << error;
    }
}

TEST_F(VerilogExport, RefusesBadOptions) {
    const std::string file = place_.file("cases.h5");
    write_file(file, {gemm_case(2, 3, 4)});
    const auto error = [&](const VerilogOptions& options, const std::vector<std::int64_t>& cases = {}) {
        return error_of([&] { export_verilog(directory(), GoldenReader(file), cases, options); });
    };
    VerilogOptions options;
    options.orders = {{"x", "m,k"}};
    EXPECT_EQ(error(options), "order of tensor 'x': no exported case has it");
    options.orders = {{"a", "m,n"}};
    EXPECT_EQ(error(options).find("tensor 'a': element order 'm,n': axis 'n'"), 0u) << error(options);
    options = {};
    options.tensor_lanes = {{"a", 0}};
    EXPECT_EQ(error(options), "lanes = 0, expected 1 to 4096");
    options = {};
    options.module = "two words";
    EXPECT_EQ(error(options), "module 'two words', expected a Verilog name");
    EXPECT_NE(error({}, {1}).find("case"), std::string::npos);
    EXPECT_EQ(place_.entries(), 1u) << "something was left behind";
}

TEST_F(VerilogExport, ReplacesItsOwnDirectoryAndNothingElse) {
    export_cases({gemm_case(2, 3, 4), gemm_case(1, 1, 1)});
    EXPECT_TRUE(std::filesystem::exists(directory() + "/000001/bench.sv"));
    export_cases({gemm_case(2, 3, 4)});
    EXPECT_FALSE(std::filesystem::exists(directory() + "/000001"));

    write_bytes(directory() + "/000000/notes.txt", "mine");
    const std::string error = error_of([&] { export_cases({gemm_case(1, 1, 1)}); });
    EXPECT_NE(error.find("it holds 000000/notes.txt, which no export wrote"), std::string::npos) << error;
    EXPECT_EQ(bytes_of(directory() + "/000000/notes.txt"), "mine");
    EXPECT_EQ(place_.entries(), 2u);

    std::filesystem::remove_all(directory());
    write_bytes(directory(), "a file");
    EXPECT_NE(error_of([&] { export_cases({gemm_case(1, 1, 1)}); }).find("not a directory"), std::string::npos);
    EXPECT_EQ(bytes_of(directory()), "a file");
}

}  // namespace
}  // namespace dfp16::test
