#include "vectors/stream/stream_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/digest.h"
#include "vectors/kernel_fault.h"
#include "vectors/params_json.h"
#include "vectors/stream/stream_writer.h"
#include "vectors/stream/tensor_text.h"

namespace dfp16 {

namespace {

constexpr std::size_t kLongestText = std::size_t{1} << 20;  // of params, names, reasons
constexpr int kMostLinesBefore = 1000;
constexpr const char* kFirstWord = "dfp16-stream";

const Operand* find(const std::vector<Operand>& operands, const std::string& name) {
    const auto found =
        std::find_if(operands.begin(), operands.end(), [&](const Operand& operand) { return operand.name == name; });
    return found == operands.end() ? nullptr : &*found;
}

std::string list_of(const std::vector<Operand>& operands) {
    std::string names;
    for (const Operand& operand : operands) names += (names.empty() ? "" : ", ") + operand.name;
    return names;
}

}  // namespace

const std::vector<HostTensor>& answer_of(const StreamedCase& streamed) {
    switch (streamed.answer) {
        case StreamedCase::Answer::given: return streamed.outputs;
        case StreamedCase::Answer::skipped: throw UnsupportedOperation(streamed.reason);
        case StreamedCase::Answer::failed: throw KernelFault(FaultKind::failed, streamed.reason);
        case StreamedCase::Answer::malformed: throw KernelFault(FaultKind::malformed, streamed.reason);
        case StreamedCase::Answer::none: break;
    }
    throw KernelFault(FaultKind::malformed, "no answer: `want` lines, expected `out` lines in their place");
}

StreamReader::StreamReader(ByteSource& source, std::string name) : text_(source), name_(std::move(name)) {
    read_header();
}

std::string StreamReader::place() const {
    return name_ + ": line " + std::to_string(text_.line()) + case_;
}

void StreamReader::fail(const std::string& message) const {
    throw InputError(place() + ": " + message);
}

/// The first word of the next line that is not empty and no comment.
std::string StreamReader::next_word() {
    for (;;) {
        const std::string word = text_.word();
        if (!word.empty() && word[0] != '#') return word;
        if (text_.at_end() || !text_.skip_line()) {
            fail("the stream ends, expected " + std::string(case_.empty() ? "a case or its 'done' line" : "'end'"));
        }
    }
}

void StreamReader::end_line() {
    if (!text_.at_end_of_line()) fail(shown(text_.word()) + ", expected the end of the line");
    if (!text_.skip_line()) fail("the stream ends within a line");
}

void StreamReader::expect_word(const char* word) {
    const std::string found = text_.word();
    if (found != word) fail((found.empty() ? "end of line" : shown(found)) + ", expected '" + word + "'");
}

std::int64_t StreamReader::number(const char* what, std::int64_t least, std::int64_t most) {
    const std::string word = text_.word();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < least || value > most) {
        fail(std::string(what) + " is " + shown(word) + ", expected a whole number from " + std::to_string(least) +
             " to " + std::to_string(most));
    }
    return value;
}

void StreamReader::read_header() {
    for (int i = 0; text_.word() != kFirstWord; ++i) {
        if (i == kMostLinesBefore || !text_.skip_line()) {
            throw InputError(name_ + ": no line '" + kFirstWord + " ...' " +
                             (i == kMostLinesBefore ? "among the first " + std::to_string(kMostLinesBefore) + " lines"
                                                    : "in the whole stream"));
        }
    }
    number("version of the stream", kStreamVersion, kStreamVersion);
    expect_word("contract");
    header_.contract = text_.word();
    if (header_.contract != kContractVersion) {
        fail("contract version is " + shown(header_.contract) + ", expected '" + kContractVersion + "'");
    }
    expect_word("suite");
    header_.suite = text_.word(1000);
    expect_word("level");
    header_.level = static_cast<int>(number("level", 0, 1000));
    expect_word("seed");
    const std::string seed = text_.word();
    const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), header_.seed);
    if (error != std::errc{} || end != seed.data() + seed.size()) {
        fail("seed is " + shown(seed) + ", expected a whole number from 0 to 2^64 - 1");
    }
    expect_word("generator");
    header_.generator = text_.rest(kLongestText);
}

std::optional<StreamedCase> StreamReader::next() {
    if (done_) return std::nullopt;
    const std::string word = next_word();
    if (word == "done") {
        read_done();
        return std::nullopt;
    }
    if (word != "case") fail(shown(word) + ", expected 'case' or 'done'");
    StreamedCase streamed = read_case();
    case_.clear();
    ++cases_;
    return streamed;
}

void StreamReader::read_done() {
    const std::int64_t expected = number("number of cases", 0, kMostCases);
    if (expected != cases_) {
        fail(std::to_string(cases_) + " cases came before 'done " + std::to_string(expected) + "'");
    }
    done_ = true;
}

StreamedCase StreamReader::read_case() {
    StreamedCase streamed;
    read_case_line(streamed);
    const std::string params = read_params(streamed);
    const Operands operands = operands_of(streamed.inputs);
    read_inputs(streamed, operands.inputs, params);
    read_answer(streamed, operands.outputs);
    return streamed;
}

void StreamReader::read_case_line(StreamedCase& streamed) {
    streamed.number = number("number of the case", last_number_ + 1, kMostCases - 1);
    last_number_ = streamed.number;
    case_ = ": case " + std::to_string(streamed.number);
    try {
        streamed.inputs.op = op_kind_of(text_.word());
    } catch (const InputError& error) {
        fail(error.what());
    }
    streamed.inputs.name = text_.rest(kLongestText);
    if (streamed.inputs.name == "-") streamed.inputs.name.clear();
}

std::string StreamReader::read_params(StreamedCase& streamed) {
    const std::string word = next_word();
    if (word != "params") fail(shown(word) + ", expected 'params'");
    const std::string params = text_.rest(kLongestText);
    try {
        params_from_json(params, streamed.inputs);
        operands_of(streamed.inputs);
    } catch (const InputError& error) {
        fail(std::string("the params above: ") + error.what());
    }
    return params;
}

void StreamReader::read_inputs(StreamedCase& streamed, const std::vector<Operand>& operands,
                               const std::string& params) {
    std::string digest;
    for (const Operand& operand : operands) {
        std::string word = next_word();
        if (word == "digest" && streamed.inputs.inputs.empty()) {
            digest = text_.word();
            end_line();
            word = next_word();
        }
        if (word != "in") fail(shown(word) + ", expected 'in " + operand.name + "'");
        expect_word(operand.name.c_str());
        try {
            streamed.inputs.inputs.push_back(read_tensor_text(text_, operand));
        } catch (const InputError& error) {
            fail("in " + operand.name + ": " + error.what());
        }
        end_line();
    }
    if (digest.empty()) return;
    const std::string found = digest_of_inputs(streamed.inputs, params);
    if (found != digest) {
        fail("name, params or inputs are not those that were sent: their digest is " + found + ", expected " +
             shown(digest));
    }
}

/// What is wrong with an answer is its own; what is not even a line of an answer is the stream's.
void StreamReader::read_answer(StreamedCase& streamed, const std::vector<Operand>& operands) {
    using Answer = StreamedCase::Answer;
    const auto settle = [&](Answer answer, const std::string& reason) {
        if (streamed.answer != Answer::none) return;  // the first says most
        streamed.answer = answer;
        streamed.reason = reason;
    };
    streamed.outputs.resize(operands.size());
    std::vector<bool> seen(operands.size(), false);
    std::string word = next_word();
    for (; word != "end"; word = next_word()) {
        if (word == "skip" || word == "fail") {
            const std::string reason = text_.rest(kLongestText);
            settle(word == "skip" ? Answer::skipped : Answer::failed, reason.empty() ? "no reason given" : reason);
            continue;
        }
        if (word != "out" && word != "want") fail(shown(word) + ", expected 'out', 'skip', 'fail' or 'end'");
        try {
            if (word == "out") read_output(streamed, operands, seen);
        } catch (const InputError& error) {
            settle(Answer::malformed, "line " + std::to_string(text_.line()) + ": " + error.what());
        }
        if (!text_.skip_line()) fail("the stream ends within a line");
    }
    end_line();
    const auto answered = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true));
    if (answered == operands.size()) settle(Answer::given, "");
    if (answered > 0 && streamed.answer == Answer::none) {
        const auto first = static_cast<std::size_t>(std::find(seen.begin(), seen.end(), false) - seen.begin());
        settle(Answer::malformed, "no 'out " + operands[first].name + "' line");
    }
    if (streamed.answer != Answer::given) streamed.outputs.clear();
}

void StreamReader::read_output(StreamedCase& streamed, const std::vector<Operand>& operands, std::vector<bool>& seen) {
    const std::string name = text_.word();
    const Operand* operand = find(operands, name);
    if (operand == nullptr) throw InputError("out " + shown(name) + ", expected one of " + list_of(operands));
    const auto i = static_cast<std::size_t>(operand - operands.data());
    if (seen[i]) throw InputError("out " + name + " comes twice");
    seen[i] = true;
    try {
        streamed.outputs[i] = read_tensor_text(text_, *operand);
    } catch (const InputError& error) {
        throw InputError("out " + name + ": " + error.what());
    }
}

}  // namespace dfp16
