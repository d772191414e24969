// Where a verify report goes: stdout, and the files that the user asks for.
#pragma once

#include <boost/program_options.hpp>
#include <memory>
#include <string>

#include "tools/json_file.h"
#include "vectors/verify.h"

namespace dfp16 {

/// --json, --junit, --html, --coverage.
void add_report_options(boost::program_options::options_description& options);

/// The files are opened before long work, so that an unwritable place is known early.
class ReportFiles {
public:
    /// Throws InputError if a place is not writable.
    explicit ReportFiles(const boost::program_options::variables_map& given);
    /// Prints the report, and completes the files. Throws InputError.
    void write(const VerifyReport& report);

private:
    JsonFile json_;
    std::unique_ptr<OutputFile> junit_;
    std::unique_ptr<OutputFile> html_;
    bool coverage_;
};

/// One line on stderr: how long it took, and what share golden and the kernels had.
void print_times(const VerifyTimes& times);

/// 0: all equal; 1: something differs. Throws InputError if no case was run, except in a shard, of which a cluster may
/// have more than there are cases.
int exit_status_of(const VerifyReport& report);

}  // namespace dfp16
