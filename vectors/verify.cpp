#include "vectors/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "reference/compare.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// As a shell takes it for one word.
std::string quoted(const std::string& text) {
    constexpr const char* kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./=:@%";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

class Verifier {
public:
    Verifier(const std::string& path, Backend& golden, const std::vector<Backend*>& kernels,
             const VerifyOptions& options)
        : path_(path), reader_(path), golden_(golden), kernels_(kernels), options_(options) {}

    VerifyReport verify() {
        report_.header = reader_.header();
        report_.backends.push_back({golden_.name(), golden_.isa()});
        for (const Backend* kernel : kernels_) report_.backends.push_back({kernel->name(), kernel->isa()});
        if (reader_.cases() == 0) throw InputError(path_ + ": no cases, expected at least one");
        const std::int64_t first = options_.case_number.value_or(0);
        const std::int64_t end = options_.case_number ? first + 1 : reader_.cases();
        for (std::int64_t number = first; number < end; ++number) {
            verify_case(number);
            if (options_.progress) options_.progress(number + 1 - first, end - first);
        }
        return std::move(report_);
    }

private:
    void verify_case(std::int64_t number) {
        const Case stored = reader_.read(number);
        std::vector<HostTensor> expected;
        try {
            expected = run(stored, golden_);
        } catch (const InputError& error) {
            throw InputError(path_ + ": case " + case_group_name(number) + ": golden rejects it: " + error.what());
        }
        compare_outputs(number, stored, "stored", stored.outputs, golden_, report_.backends[0], expected);
        for (std::size_t i = 0; i < kernels_.size(); ++i) {
            try {
                const std::vector<HostTensor> outputs = run(stored, *kernels_[i]);
                compare_outputs(number, stored, "golden", expected, *kernels_[i], report_.backends[i + 1], outputs);
            } catch (const InputError& error) {
                ++report_.backends[i + 1].cases;
                note(number, stored, "golden", *kernels_[i], report_.backends[i + 1],
                     std::string("rejects what golden takes: ") + error.what(), {});
            } catch (const std::bad_alloc&) {
                throw InputError(path_ + ": case " + case_group_name(number) + ": " + kernels_[i]->isa() +
                                 " has not enough memory for it");
            }
        }
    }

    /// Adds to the result, and a mismatch for the first tensor that differs.
    void compare_outputs(std::int64_t number, const Case& stored, const char* whose,
                         const std::vector<HostTensor>& expected, const Backend& backend, BackendResult& result,
                         const std::vector<HostTensor>& outputs) {
        ++result.cases;
        Difference total;
        std::string text;
        const Operands operands = operands_of(stored);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            result.elements += expected[i].elements();
            const std::optional<Difference> difference = compare(expected[i], outputs[i]);
            if (!difference) continue;
            total.differing_elements += difference->differing_elements;
            total.differing_bits += difference->differing_bits;
            if (!text.empty()) continue;
            text = describe(operands.outputs[i].name, operands.outputs[i].axes, expected[i], outputs[i], *difference);
        }
        if (!text.empty()) note(number, stored, whose, backend, result, text, total);
    }

    void note(std::int64_t number, const Case& stored, const char* whose, const Backend& backend, BackendResult& result,
              const std::string& text, const Difference& difference) {
        ++result.cases_differ;
        result.elements_differ += difference.differing_elements;
        result.bits_differ += difference.differing_bits;
        const bool kernel = &backend != &golden_;
        const std::string isa = kernel ? " --isa " + backend.isa() : "";
        report_.mismatches.push_back(
            {number, stored.name, name_of(stored.op), backend.isa(), whose, backend.name(), text, exponents_of(stored),
             fmt::format("dfp16 verify {} --case {}{} --threads {}", quoted(path_), number, isa, options_.threads),
             difference.differing_elements, difference.differing_bits});
    }

    static std::string exponents_of(const Case& stored) {
        std::string text;
        const std::vector<Operand> inputs = operands_of(stored).inputs;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].scaled) continue;
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", inputs[i].name, stored.inputs[i].exponent.value);
        }
        return text;
    }

    const std::string& path_;
    GoldenReader reader_;
    Backend& golden_;
    const std::vector<Backend*>& kernels_;
    const VerifyOptions& options_;
    VerifyReport report_;
};

}  // namespace

std::string text_of(const Mismatch& mismatch) {
    return fmt::format(
        "case {} {} \"{}\": {} on {} disagrees with {}\n  {}\n  exponents of the inputs: {}\n  reproduce: {}",
        case_group_name(mismatch.case_number), mismatch.op, mismatch.case_name, mismatch.got, mismatch.isa,
        mismatch.expected, mismatch.difference, mismatch.exponents.empty() ? "none" : mismatch.exponents,
        mismatch.reproduce);
}

VerifyReport verify_file(const std::string& path, Backend& golden, const std::vector<Backend*>& kernels,
                         const VerifyOptions& options) {
    return Verifier(path, golden, kernels, options).verify();
}

}  // namespace dfp16
