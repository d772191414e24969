// Cases as lines of text: what is written comes back to the last bit, what is damaged is told with its line, and a
// simulator that sees nothing but the text is a backend like any other.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>

#include "reference/compare.h"
#include "tests/cli_helpers.h"
#include "vectors/generate.h"
#include "vectors/kernel_fault.h"
#include "vectors/stream/pipe_backend.h"
#include "vectors/stream/stream_reader.h"
#include "vectors/stream/stream_writer.h"

namespace dfp16 {
namespace {

using Answer = StreamedCase::Answer;
using test::error_of;

/// Gives at most `step` bytes at a time.
class StringSource : public ByteSource {
public:
    explicit StringSource(std::string text, std::size_t step = std::numeric_limits<std::size_t>::max())
        : text_(std::move(text)), step_(step) {}
    std::size_t read(char* into, std::size_t size) override {
        const std::size_t count = std::min({size, step_, text_.size() - at_});
        text_.copy(into, count, at_);
        at_ += count;
        return count;
    }

private:
    std::string text_;
    std::size_t step_;
    std::size_t at_ = 0;
};

TextSink sink_of(std::string& text) {
    return [&text](const char* piece, std::size_t size) { text.append(piece, size); };
}

std::string text_of(const std::vector<Case>& cases) {
    std::string text;
    write_stream_header(test::header_of(), sink_of(text));
    std::int64_t number = 0;
    for (const Case& written : cases) write_stream_case(number++, written, sink_of(text));
    write_stream_end(number, sink_of(text));
    return text;
}

std::vector<StreamedCase> read_text(const std::string& text,
                                    std::size_t step = std::numeric_limits<std::size_t>::max()) {
    StringSource source(text, step);
    StreamReader reader(source, "stream");
    std::vector<StreamedCase> cases;
    while (std::optional<StreamedCase> streamed = reader.next()) cases.push_back(std::move(*streamed));
    return cases;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

void expect_equal(const std::vector<HostTensor>& expected, const std::vector<HostTensor>& got,
                  const std::string& name) {
    ASSERT_EQ(expected.size(), got.size()) << name;
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FALSE(compare(expected[i], got[i])) << name << " " << i;
}

/// gemm under policy wrap, 1x2 times 2x1.
Case small_gemm() {
    Case made;
    made.name = "small";
    made.op = OpKind::gemm;
    made.params = GemmParams{1, 1, 2, {Policy::wrap}};
    made.inputs = {HostTensor(ElementType::mantissa, {1, 2}), HostTensor(ElementType::mantissa, {2, 1})};
    made.inputs[0].mantissas() = {{-2}, {3}};
    made.inputs[1].mantissas() = {{5}, {256}};
    made.inputs[0].exponent = {-7};
    return made;
}

Case answered(Case made) {
    made.outputs = run(made, *make_golden_backend(1));
    return made;
}

TEST(Stream, TheText) {
    const std::string text = text_of({answered(small_gemm())});
    EXPECT_EQ(text.find("dfp16-stream 1 contract 2 suite test level 1 seed 1 generator test\n"
                        "case 0 gemm small\n"
                        "params {\"M\":1,\"N\":1,\"K\":2,\"policy\":\"wrap\"}\n"
                        "digest "),
              0u)
        << text;
    EXPECT_NE(text.find("\n"
                        "in a int16 1x2 -7 fffe 0003\n"
                        "in b int16 2x1 0 0005 0100\n"
                        "out c int32 1x1 -7 000002f6\n"
                        "end\n"
                        "done 1\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text_of({small_gemm()}).find("\nwant c int32 1x1\nend\n"), std::string::npos);
}

/// Every operation, type and kind of parameter; blocks of bytes that end anywhere.
TEST(Stream, EverySuiteComesBack) {
    for (const std::string& suite : suite_names()) {
        std::vector<Case> cases;
        for (std::size_t i = 0; i < make_suite(suite, 1).size(); i += 7) cases.push_back(test::case_of(suite, i, 3));
        const std::string text = text_of(cases);
        for (const std::size_t step : {std::size_t{7}, std::size_t{4096}, text.size()}) {
            const std::vector<StreamedCase> streamed = read_text(text, step);
            ASSERT_EQ(streamed.size(), cases.size());
            for (std::size_t i = 0; i < cases.size(); ++i) {
                ASSERT_EQ(streamed[i].answer, Answer::given) << streamed[i].reason;
                EXPECT_EQ(streamed[i].inputs.name, cases[i].name);
                EXPECT_EQ(streamed[i].inputs.params, cases[i].params);
                expect_equal(cases[i].inputs, streamed[i].inputs.inputs, cases[i].name);
                expect_equal(cases[i].outputs, answer_of(streamed[i]), cases[i].name);
            }
        }
    }
}

TEST(Stream, WhatASimulatorMayWriteOtherwise) {
    const std::string text = text_of({answered(small_gemm())});
    std::string other = "VCD info: dumpfile a.vcd opened.\n\n" + text;
    other = replaced(other, "000002f6", "  000002F6\t");
    other = replaced(other, "fffe 0003", "fffe    0003");
    other = replaced(other, "\nin a", "\n# a comment\n\r\nin a");
    other = replaced(other, "end\n", "end\r\n") + "a.v:12: $finish called at 100 (1s)\n";
    const std::vector<StreamedCase> streamed = read_text(other);
    ASSERT_EQ(streamed.size(), 1u);
    expect_equal(answered(small_gemm()).outputs, answer_of(streamed[0]), "small");
}

TEST(Stream, SkippedFailedUnanswered) {
    const std::string text = text_of({small_gemm()});
    const std::string want = "want c int32 1x1\n";
    EXPECT_EQ(read_text(text)[0].answer, Answer::none);
    EXPECT_THROW(answer_of(read_text(text)[0]), KernelFault);
    const std::vector<StreamedCase> skipped = read_text(replaced(text, want, "skip no gemm here\n"));
    EXPECT_EQ(skipped[0].answer, Answer::skipped);
    EXPECT_EQ(skipped[0].reason, "no gemm here");
    EXPECT_THROW(answer_of(skipped[0]), UnsupportedOperation);
    const std::vector<StreamedCase> failed = read_text(replaced(text, want, "fail out of memory\n" + want));
    EXPECT_EQ(failed[0].answer, Answer::failed);
    EXPECT_EQ(failed[0].reason, "out of memory");
}

/// A malformed answer is that case's alone: the next case is read as ever.
TEST(Stream, MalformedAnswers) {
    const std::string text = text_of({answered(small_gemm()), answered(small_gemm())});
    const std::string line = "out c int32 1x1 -7 000002f6\n";
    const std::vector<std::pair<std::string, std::string>> faults = {
        {"out c int32 1x1 -7 000002f\n", "line 7: out c: element 0 is '000002f', expected 8 hexadecimal digits"},
        {"out c int32 1x1 -7 xxxxxxxx\n", "element 0 is 'xxxxxxxx'"},
        {"out c int32 1x1 -7 0000000002f6\n", "'02f6' behind its last element"},
        {"out c int32 1x1 -7\n", "0 elements, expected 1"},
        {"out c int32 1x1 -7 000002f6 00000000\n", "'00000000' behind its last element, expected 1 elements"},
        {"out c int32 1x1 -300 000002f6\n", "exponent is '-300', expected -252 to 254"},
        {"out c int32 1x1 000002f6\n", "exponent is '000002f6'"},
        {"out c int32 1x1\n", "exponent is ''"},
        {"out c int32 1x2 -7 000002f6 00000000\n", "shape is '1x2', expected 1x1"},
        {"out c fp32 1x1 -7 000002f6\n", "type is 'fp32', expected int32"},
        {"out y int32 1x1 -7 000002f6\n", "out 'y', expected one of c"},
        {"out\n", "out '', expected one of c"},
        {line + line, "out c comes twice"},
    };
    for (const auto& [fault, message] : faults) {
        const std::vector<StreamedCase> streamed = read_text(replaced(text, line, fault));
        ASSERT_EQ(streamed.size(), 2u) << fault;
        EXPECT_EQ(streamed[0].answer, Answer::malformed) << fault;
        EXPECT_NE(streamed[0].reason.find(message), std::string::npos) << fault << streamed[0].reason;
        EXPECT_EQ(streamed[1].answer, Answer::given) << fault;
    }
}

TEST(Stream, AMissingOutput) {
    const Case norm = test::case_of("batch_norm", 0);
    ASSERT_EQ(norm.op, OpKind::batch_norm_forward);
    std::string text = text_of({norm});
    const std::size_t at = text.find("out invstd");
    text.erase(at, text.find('\n', at) + 1 - at);
    const StreamedCase streamed = read_text(text)[0];
    EXPECT_EQ(streamed.answer, Answer::malformed);
    EXPECT_EQ(streamed.reason, "no 'out invstd' line");
}

TEST(Stream, DamagedStreams) {
    const std::string text = text_of({answered(small_gemm()), answered(small_gemm())});
    const std::vector<std::array<std::string, 3>> faults = {
        {"dfp16-stream 1", "dfp16-stream 2", "stream: line 1: version of the stream is '2', expected"},
        {"dfp16-stream 1", "dfp15", "stream: no line 'dfp16-stream ...' in the whole stream"},
        {"contract 2", "contract 1", "line 1: contract version is '1', expected '2'"},
        {"seed 1", "seed -1", "line 1: seed is '-1'"},
        {"level 1", "level", "line 1: level is 'seed'"},
        {"case 0 gemm", "case 0 gem", "line 2: case 0: "},
        {"case 0", "case 99999999999999999999", "number of the case is '99999999999999999999'"},
        {"case 1", "case 0", "line 9: number of the case is '0', expected a whole number from 1"},
        {"params {", "parms {", "line 3: case 0: 'parms', expected 'params'"},
        {"\"K\":2", "\"K\":", "line 4: case 0: the params above: params is not a JSON object"},
        {"\"K\":2", "\"K\":2147483647", "in a: shape is '1x2', expected 1x2147483647"},
        {"\"K\":2", "\"K\":-2", "'K' is -2, expected an integer from 1"},
        {"in a", "in b", "line 5: case 0: 'b', expected 'a'"},
        {"in a", "on a", "line 5: case 0: 'on', expected 'in a'"},
        {"-7 fffe 0003", "-7 fffe", "line 5: case 0: in a: 1 elements, expected 2"},
        {"-7 fffe", "-7 fffg", "in a: element 0 is 'fffg', expected 4 hexadecimal digits"},
        {"-7 fffe", "-7 ffff", "name, params or inputs are not those that were sent"},
        {"out c", "outc", "line 7: case 0: 'outc', expected 'out', 'skip', 'fail' or 'end'"},
        {"end\n", "", "line 8: case 0: 'case', expected 'out', 'skip', 'fail' or 'end'"},
        {"done 2", "done 3", "2 cases came before 'done 3'"},
        {"done 2", "don", "'don', expected 'case' or 'done'"},
    };
    for (const auto& [from, to, message] : faults) {
        const std::string damaged = replaced(text, from, to);
        const std::string error = error_of([&] { read_text(damaged); });
        EXPECT_NE(error.find(message), std::string::npos) << from << " -> " << to << "\n" << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST(Stream, EveryTruncationIsAnError) {
    const std::string text = text_of({answered(small_gemm())});
    for (std::size_t length = 0; length + 2 < text.size(); ++length) {
        EXPECT_NE(error_of([&] { read_text(text.substr(0, length)); }), "") << length;
    }
}

/// No byte that is changed leads to anything but an error, a malformed answer, or other bits.
TEST(Stream, ChangedBytes) {
    const std::string text = text_of({answered(small_gemm())});
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char c : {'\0', '\n', ' ', 'f', '9', '\xff', '-'}) {
            std::string changed = text;
            changed[at] = c;
            try {
                read_text(changed);
            } catch (const InputError&) {
            }
        }
    }
}

/// Params may claim 2^40 elements; memory follows the text.
TEST(Stream, HugeClaimsTakeNoMemory) {
    std::string text = text_of({small_gemm()});
    text = replaced(text, "\"K\":2", "\"K\":1099511627");
    text = replaced(text, "in a int16 1x2", "in a int16 1x1099511627");
    EXPECT_NE(error_of([&] { read_text(text); }).find("2 elements, expected 1099511627"), std::string::npos);
    const std::string endless(std::size_t{3} << 20, 'x');
    EXPECT_NE(error_of([&] { read_text(endless); }), "");
    EXPECT_NE(error_of([&] { read_text(replaced(text, "in a", "in " + endless)); }), "");
}

TEST(Stream, NamesThatALineCannotHold) {
    for (const char* name : {"two\nlines", " blank", "-"}) {
        Case made = small_gemm();
        made.name = name;
        EXPECT_NE(error_of([&] { text_of({made}); }).find("case name"), std::string::npos);
    }
    Case made = small_gemm();
    made.name = "";
    EXPECT_EQ(read_text(text_of({made}))[0].inputs.name, "");
}

/// The sample simulator, started with a fault or none.
class Simulator : public testing::Test {
protected:
    void SetUp() override {
        if (std::system("python3 -c 'import json' >/dev/null 2>&1") != 0) GTEST_SKIP() << "no python3";
    }
    static std::string command(const std::string& fault = "") {
        return "exec env -u PYTHONUNBUFFERED python3 " DFP16_SOURCE_DIR "/tests/stream/simulator.py " + fault;
    }
    static FaultKind fault_of(Backend& backend, std::string* what = nullptr) {
        try {
            run(small_gemm(), backend);
        } catch (const KernelFault& fault) {
            if (what != nullptr) *what = fault.what();
            return fault.kind();
        }
        ADD_FAILURE() << "no KernelFault";
        return FaultKind::unstable;
    }
};

/// generate --stream | simulator, then what verify does.
TEST_F(Simulator, AnswersAStreamToTheLastBit) {
    const test::TemporaryDirectory directory;
    for (const std::string suite : {"gemm", "instructions"}) {
        const std::string out = directory.file(suite);
        const std::string line = std::string(DFP16_COMMAND) + " generate --suite " + suite +
                                 " --seed 4 --stream 2>/dev/null | " + command().substr(5) + " >" + out;
        ASSERT_EQ(std::system(line.c_str()), 0);
        const std::vector<StreamedCase> streamed = read_text(test::bytes_of(out));
        EXPECT_EQ(streamed.size(), make_suite(suite, 1).size());
        std::size_t given = 0;
        const auto golden = make_golden_backend(1);
        for (const StreamedCase& one : streamed) {
            if (one.answer == Answer::skipped) continue;
            expect_equal(run(one.inputs, *golden), answer_of(one), one.inputs.name);
            ++given;
        }
        EXPECT_GT(given, 10u) << suite;
        EXPECT_LT(given, streamed.size()) << suite;
    }
}

TEST_F(Simulator, IsABackend) {
    const auto pipe = make_pipe_backend(command(), 60);
    EXPECT_EQ(pipe->name(), "pipe");
    EXPECT_EQ(make_pipe_backend("/opt/sim/run --fast", 1)->isa(), "run");
    const auto golden = make_golden_backend(1);
    std::size_t skipped = 0;
    for (const std::string suite : {"gemm", "instructions"}) {
        for (std::size_t i = 0; i < make_suite(suite, 1).size(); i += 3) {
            const Case asked = test::case_of(suite, i);
            try {
                expect_equal(asked.outputs, run(asked, *pipe), asked.name);
            } catch (const UnsupportedOperation& error) {
                EXPECT_STREQ(error.what(), "no such operation here");
                ++skipped;
            }
        }
    }
    EXPECT_GT(skipped, 10u);
}

TEST_F(Simulator, PlantedFaults) {
    const std::vector<std::tuple<std::string, FaultKind, std::string>> faults = {
        {"crash", FaultKind::crash, "ended by signal 11"},
        {"status", FaultKind::failed, "ended with status 3 before its answer"},
        {"fail", FaultKind::failed, "out of registers"},
        {"print", FaultKind::malformed, "'reached', expected 'out', 'skip', 'fail' or 'end'"},
        {"shape", FaultKind::malformed, "shape is '1x1x1', expected 1x1"},
        {"unknown-bits", FaultKind::malformed, "element 0 is 'xxxxxxxx'"},
        {"few", FaultKind::malformed, "0 elements, expected 1"},
        {"input", FaultKind::malformed, "not those that were sent"},
    };
    for (const auto& [fault, kind, message] : faults) {
        // Only its first case is at fault; a simulator that went wrong is started anew, for which all is well again.
        const auto pipe = make_pipe_backend(command(fault + ":0"), 60);
        std::string what;
        EXPECT_EQ(fault_of(*pipe, &what), kind) << fault << ": " << what;
        EXPECT_NE(what.find(message), std::string::npos) << fault << ": " << what;
        EXPECT_EQ(what.find('\n'), std::string::npos);
    }
    const auto wrong = make_pipe_backend(command("bit"), 60);
    EXPECT_EQ(compare(answered(small_gemm()).outputs[0], run(small_gemm(), *wrong)[0])->differing_bits, 1);
}

TEST_F(Simulator, GoesOnBehindAFault) {
    const auto pipe = make_pipe_backend(command("crash:1"), 60);  // the second case since its start
    for (int i = 0; i < 2; ++i) {
        expect_equal(answered(small_gemm()).outputs, run(small_gemm(), *pipe), "before the crash");
        EXPECT_EQ(fault_of(*pipe), FaultKind::crash);
    }
}

TEST_F(Simulator, HangsAreCutShort) {
    for (const char* fault : {"hang", "unflushed"}) {
        const auto start = std::chrono::steady_clock::now();
        {
            const auto pipe = make_pipe_backend(command(fault), 0.5);
            std::string what;
            EXPECT_EQ(fault_of(*pipe, &what), FaultKind::hang);
            EXPECT_NE(what.find("no answer within 0.5 s"), std::string::npos) << what;
        }
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    }
}

/// A large case fills every pipe both ways long before its last line.
TEST(PipeBackend, LargeCasesDoNotDeadlock) {
    Case large = small_gemm();
    large.params = GemmParams{1, 1, 100'000, {Policy::wrap}};
    large.inputs = {HostTensor(ElementType::mantissa, {1, 100'000}), HostTensor(ElementType::mantissa, {100'000, 1})};
    const auto pipe = make_pipe_backend("sed -u 's/^want c int32 1x1/out c int32 1x1 0 00000000/'", 60);
    EXPECT_EQ(pipe->isa(), "sed");
    for (int i = 0; i < 2; ++i) expect_equal(run(large, *make_golden_backend(1)), run(large, *pipe), "large");
}

TEST(PipeBackend, CommandsThatCannotAnswer) {
    const std::vector<std::tuple<std::string, FaultKind, std::string>> commands = {
        {"no-such-command-here 2>/dev/null", FaultKind::failed, "ended with status 127"},
        {"true", FaultKind::failed, "ended with status 0 before its answer"},
        {"exec >&-; sleep 100", FaultKind::failed, "closed its standard output"},
        {"echo hello; cat >/dev/null", FaultKind::hang, ""},
        {"cat /dev/zero", FaultKind::hang, ""},
        {"yes dfp16-stream 1", FaultKind::malformed, "expected 'contract'"},
        {"yes", FaultKind::malformed, "no line 'dfp16-stream ...' among the first 1000 lines"},
        {"cat", FaultKind::malformed, "no answer: `want` lines"},
        {"kill -9 $$", FaultKind::crash, "signal 9"},
        {"sh -c 'kill -9 $$'; exit $?", FaultKind::crash, "signal 9"},
    };
    for (const auto& [command, kind, message] : commands) {
        const auto pipe = make_pipe_backend(command, 0.5);
        try {
            run(small_gemm(), *pipe);
            ADD_FAILURE() << command;
        } catch (const KernelFault& fault) {
            EXPECT_EQ(fault.kind(), kind) << command << ": " << fault.what();
            EXPECT_NE(std::string(fault.what()).find(message), std::string::npos) << command << ": " << fault.what();
        }
    }
}

TEST(GenerateStream, OptionsAndErrors) {
    const test::CommandResult plain = test::dfp16("generate --suite gemm --stream");
    EXPECT_EQ(plain.status, 0) << plain.err;
    EXPECT_EQ(plain.out.find("dfp16-stream 1 contract 2 suite gemm level 1 seed 1 generator dfp16 "), 0u);
    for (const StreamedCase& streamed : read_text(plain.out)) ASSERT_EQ(streamed.answer, Answer::none);
    const test::CommandResult full = test::dfp16("generate --suite gemm --stream --answers");
    for (const StreamedCase& streamed : read_text(full.out)) ASSERT_EQ(streamed.answer, Answer::given);
    test::expect_usage_error("generate --suite gemm --stream -o a.h5", "expected one of them");
    test::expect_usage_error("generate --suite gemm --answers -o a.h5", "--answers without --stream");
    std::FILE* full_disk = std::fopen("/dev/full", "w");
    ASSERT_NE(full_disk, nullptr);
    const auto golden = make_golden_backend(1);
    GenerateOptions options;
    options.suite = "gemm";
    EXPECT_NE(error_of([&] {
                  generate_stream(dfp16::sink_of(full_disk, "standard output"), options, golden.get());
              }).find("cannot write to standard output: No space left on device"),
              std::string::npos);
    std::fclose(full_disk);
}

}  // namespace
}  // namespace dfp16
