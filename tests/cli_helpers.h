// Runs the built command.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/vectors_helpers.h"

namespace dfp16::test {

struct CommandResult {
    int status = -1;
    std::string out;
    std::string err;
};

/// `dfp16 ARGUMENTS` through the shell.
inline CommandResult dfp16(const std::string& arguments, const std::string& before = "") {
    const TemporaryDirectory directory;
    const std::string command =
        before + DFP16_COMMAND " " + arguments + " >" + directory.file("out") + " 2>" + directory.file("err");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of(directory.file("out")),
            bytes_of(directory.file("err"))};
}

/// Status 2, nothing on stdout, one line on stderr that holds `text`. Lines that announce a run ("verify: suite ...")
/// may come before it.
inline void expect_usage_error(const std::string& arguments, const std::string& text, const std::string& before = "") {
    SCOPED_TRACE(before + "dfp16 " + arguments);
    const CommandResult result = dfp16(arguments, before);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    const std::size_t start = result.err.find("dfp16: ");
    ASSERT_NE(start, std::string::npos) << result.err;
    const std::string line = result.err.substr(start);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_NE(line.find(text), std::string::npos) << line << "lacks: " << text;
}

}  // namespace dfp16::test
