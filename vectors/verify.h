// Three ways to the same bits: what a golden file stores, what golden computes now, what each kernel backend computes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "vectors/golden_file.h"

namespace dfp16 {

struct VerifyOptions {
    std::optional<std::int64_t> case_number;  ///< one case only
    int threads = 1;                          ///< of the backends; for the command that reproduces a mismatch
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< may be empty
};

/// One case in which two of the three disagree.
struct Mismatch {
    std::int64_t case_number = 0;
    std::string case_name;
    std::string op;
    std::string isa;       ///< of the kernel, or golden's own if what is stored disagrees with golden
    std::string expected;  ///< who has the value that `difference` calls expected: "stored" or "golden"
    std::string got;       ///< who has the other: "golden" or "fast"
    std::string difference;
    std::string exponents;  ///< of the inputs: "x 3, w -7"; empty if none has one
    std::string reproduce;  ///< the command
    std::int64_t differing_elements = 0;
    std::int64_t differing_bits = 0;
};

/// What one backend did. The first entry of a report is golden, compared with what is stored.
struct BackendResult {
    std::string name;
    std::string isa;
    std::int64_t cases = 0;
    std::int64_t elements = 0;
    std::int64_t cases_differ = 0;
    std::int64_t elements_differ = 0;
    std::int64_t bits_differ = 0;
};

struct VerifyReport {
    FileHeader header;
    std::vector<BackendResult> backends;
    std::vector<Mismatch> mismatches;  ///< the first difference of each case and backend
};

/// Several lines without a newline at the end.
std::string text_of(const Mismatch& mismatch);

/// Runs the file's cases. Throws InputError for a damaged or foreign file, a case that golden rejects, a case number
/// beyond the last, and a file without any case. A kernel that rejects what golden takes is a mismatch.
VerifyReport verify_file(const std::string& path, Backend& golden, const std::vector<Backend*>& kernels,
                         const VerifyOptions& options);

}  // namespace dfp16
