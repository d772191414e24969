// Reads cases and their answers from lines of text (docs/streams.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/golden_file.h"
#include "vectors/stream/text_source.h"

namespace dfp16 {

struct StreamedCase {
    enum class Answer {
        given,     ///< `outputs` has it
        none,      ///< nothing but `want` lines
        skipped,   ///< not implemented; `reason` says why
        failed,    ///< an error of the simulator's own; `reason`
        malformed  ///< cannot be read; `reason`
    };

    std::int64_t number = 0;
    Case inputs;  ///< without outputs
    Answer answer = Answer::none;
    std::vector<HostTensor> outputs;  ///< as operands_of().outputs
    std::string reason;
};

/// The outputs. Throws UnsupportedOperation for a skipped case, KernelFault for one that failed, is malformed or has no
/// answer.
const std::vector<HostTensor>& answer_of(const StreamedCase& streamed);

/// Reads one case after the other; memory is that of a case, and no more than the stream has text for. Everything that
/// is wrong with the stream, but not with an answer, is one InputError: name, line, case, found, expected.
class StreamReader {
public:
    /// Reads the header line; up to 1000 other lines before it are ignored (what a simulator says when it starts).
    /// `name` is what messages call the stream. The source must outlive the reader.
    StreamReader(ByteSource& source, std::string name);

    const FileHeader& header() const { return header_; }
    /// The next case; none behind the `done` line. What follows that line is not read.
    std::optional<StreamedCase> next();
    /// Cases read so far.
    std::int64_t cases() const { return cases_; }

private:
    [[noreturn]] void fail(const std::string& message) const;
    std::string place() const;
    std::string next_word();
    void end_line();
    void expect_word(const char* word);
    std::int64_t number(const char* what, std::int64_t least, std::int64_t most);
    void read_header();
    void read_done();
    StreamedCase read_case();
    void read_case_line(StreamedCase& streamed);
    std::string read_params(StreamedCase& streamed);
    void read_inputs(StreamedCase& streamed, const std::vector<Operand>& operands, const std::string& params);
    void read_answer(StreamedCase& streamed, const std::vector<Operand>& operands);
    void read_output(StreamedCase& streamed, const std::vector<Operand>& operands, std::vector<bool>& seen);

    TextReader text_;
    std::string name_;
    FileHeader header_;
    std::int64_t cases_ = 0;
    std::int64_t last_number_ = -1;
    std::string case_;  ///< ": case 12" while one is read
    bool done_ = false;
};

}  // namespace dfp16
