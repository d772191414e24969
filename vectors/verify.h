// Three ways to the same bits: what a golden file stores, what golden computes now, what each kernel backend computes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "vectors/case_source.h"
#include "vectors/heat_map.h"
#include "vectors/shard.h"

namespace dfp16 {

/// One case in which two of the three disagree.
struct Mismatch {
    std::int64_t case_number = 0;
    std::string case_name;
    std::string op;
    std::string isa;       ///< of the kernel, or golden's own if what is stored disagrees with golden
    std::string expected;  ///< who has the value that `difference` calls expected: "stored" or "golden"
    std::string got;       ///< who has the other: "golden" or "fast"
    std::string kind;  ///< "bits", "rejected", or what a kernel did wrong beside (kernel_fault.h): "crash", "hang", ...
    std::string difference;
    std::string exponents;  ///< of the inputs: "x 3, w -7"; empty if none has one
    std::string reproduce;  ///< the command
    std::int64_t differing_elements = 0;
    std::int64_t differing_bits = 0;
    std::optional<HeatMap> heat{};  ///< of the first output that differs, of the first kHeatMaps mismatches
    friend bool operator==(const Mismatch&, const Mismatch&) = default;
};

inline constexpr std::size_t kHeatMaps = 50;

/// What one backend did. The first entry of a report is golden, compared with what is stored.
struct BackendResult {
    std::string name;
    std::string isa;
    std::int64_t cases = 0;
    std::int64_t elements = 0;
    std::int64_t cases_differ = 0;
    std::int64_t elements_differ = 0;
    std::int64_t bits_differ = 0;
    std::int64_t skipped = 0;  ///< cases of operations that it does not implement
    friend bool operator==(const BackendResult&, const BackendResult&) = default;
};

/// How often a class of cases (case_class.h) was run, and whether it is a corner class.
struct ClassCount {
    bool corner = false;
    std::int64_t cases = 0;
    friend bool operator==(const ClassCount&, const ClassCount&) = default;
};

/// A case that was run, for reports that list all.
struct CaseResult {
    std::int64_t number = 0;
    std::string name;
    std::string op;
    bool skipped = false;  ///< no kernel implements it
    friend bool operator==(const CaseResult&, const CaseResult&) = default;
};

/// Where the time of a run went. No part of reports in files, which are the same for the same run.
struct VerifyTimes {
    double golden = 0;   ///< seconds
    double kernels = 0;  ///< seconds
    double all = 0;      ///< seconds; the rest makes or reads cases and compares
    double bytes = 0;    ///< of inputs, and of the outputs of golden and each kernel
};

struct VerifyReport {
    std::string source;  ///< the file, or "suite conv"
    bool stored = true;  ///< the source has outputs, which golden was compared with
    FileHeader header;
    Shard shard{};
    int threads = 1;
    std::vector<BackendResult> backends;
    std::vector<std::string> absent{};  ///< ISAs that this CPU lacks
    std::vector<Mismatch> mismatches;   ///< the first difference of each case and backend
    std::map<std::string, ClassCount> classes;
    std::vector<CaseResult> cases;
    VerifyTimes times{};

    /// Cases of which anything differs.
    std::int64_t failed_cases() const;
};

/// A failing case, as it happens: for triage.
struct Failure {
    const Case& failed;
    const std::vector<HostTensor>& expected;  ///< golden's outputs
    const std::vector<HostTensor>& got;       ///< the kernel's; empty unless the kind is "bits"
    Backend& kernel;
    const Mismatch& mismatch;
};

struct VerifyOptions {
    std::optional<std::int64_t> case_number{};  ///< one case only
    Shard shard{};
    int threads = 1;                              ///< of the backends; for the command that reproduces a mismatch
    std::vector<std::string> kernel_arguments{};  ///< for that too, of each kernel; none: " --isa ISA"
    /// total is kEndless where there is no end. May be empty.
    std::function<void(std::int64_t done, std::int64_t total)> progress{};
    std::function<bool()> stop{};                      ///< asked before each case; may be empty
    std::function<void(const Failure&)> on_failure{};  ///< of a kernel; may be empty
};

/// Several lines without a newline at the end.
std::string text_of(const Mismatch& mismatch);

/// Checks cases one by one and keeps the report.
class Verifier {
public:
    Verifier(CaseSource& source, Backend& golden, const std::vector<Backend*>& kernels, const VerifyOptions& options);
    /// The source's cases that the options choose. Throws InputError for a damaged or foreign file, a case that golden
    /// rejects, a case number beyond the last. A kernel that rejects what golden takes is a mismatch.
    VerifyReport verify();
    /// One case. Throws as verify() does.
    void check(std::int64_t number, const Case& stored);
    /// What was checked so far.
    VerifyReport take_report();

private:
    std::vector<HostTensor> golden_outputs(std::int64_t number, const Case& stored);
    void verify_kernel(std::size_t kernel, std::int64_t number, const Case& stored,
                       const std::vector<HostTensor>& expected);
    Mismatch mismatch_of(std::int64_t number, const Case& stored, const char* whose, const Backend& backend,
                         const std::string& kernel_arguments) const;
    bool compare_outputs(const Case& stored, const std::vector<HostTensor>& expected,
                         const std::vector<HostTensor>& outputs, BackendResult& result, Mismatch& mismatch) const;
    void note(BackendResult& result, const Mismatch& mismatch);
    void count_classes(const Case& stored);

    CaseSource& source_;
    Backend& golden_;
    const std::vector<Backend*>& kernels_;
    const VerifyOptions& options_;
    VerifyReport report_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The cases of a golden file.
VerifyReport verify_file(const std::string& path, Backend& golden, const std::vector<Backend*>& kernels,
                         const VerifyOptions& options);

}  // namespace dfp16
