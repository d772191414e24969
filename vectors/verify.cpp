#include "vectors/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <new>

#include "reference/compare.h"
#include "reference/data/ordered_queue.h"
#include "sim/types/error.h"
#include "vectors/case_class.h"
#include "vectors/kernel_fault.h"

namespace dfp16 {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kAhead = 4;  // cases; the largest have some 100 MB

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double bytes_of(const std::vector<HostTensor>& tensors) {
    double bytes = 0;
    for (const HostTensor& tensor : tensors)
        bytes += static_cast<double>(tensor.elements() * tensor.element_bits() / 8);
    return bytes;
}

/// run(), whose time goes to `seconds`, also where it throws.
std::vector<HostTensor> timed_run(const Case& golden_case, Backend& backend, double& seconds) {
    const Clock::time_point start = Clock::now();
    const std::shared_ptr<void> at_end(nullptr, [&](void*) { seconds += seconds_since(start); });
    return run(golden_case, backend);
}

std::string exponents_of(const Case& stored) {
    std::string text;
    const std::vector<Operand> inputs = operands_of(stored).inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].scaled) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", inputs[i].name, stored.inputs[i].exponent.value);
    }
    return text;
}

}  // namespace

std::int64_t VerifyReport::failed_cases() const {
    std::vector<std::int64_t> numbers;
    for (const Mismatch& mismatch : mismatches) numbers.push_back(mismatch.case_number);
    return std::unique(numbers.begin(), numbers.end()) - numbers.begin();  // they come in ascending order
}

std::string text_of(const Mismatch& mismatch) {
    return fmt::format(
        "case {} {} \"{}\": {} on {} disagrees with {}\n  {}{}\n  exponents of the inputs: {}\n  reproduce: {}",
        case_group_name(mismatch.case_number), mismatch.op, mismatch.case_name, mismatch.got, mismatch.isa,
        mismatch.expected, mismatch.kind == "bits" ? "" : mismatch.kind + ": ", mismatch.difference,
        mismatch.exponents.empty() ? "none" : mismatch.exponents, mismatch.reproduce);
}

Verifier::Verifier(CaseSource& source, Backend& golden, const std::vector<Backend*>& kernels,
                   const VerifyOptions& options)
    : source_(source), golden_(golden), kernels_(kernels), options_(options) {
    report_.source = source.name();
    report_.header = source.header();
    report_.stored = source.stores_outputs();
    report_.shard = options.shard;
    report_.threads = options.threads;
    report_.backends.push_back({golden.name(), golden.isa()});
    for (const Backend* kernel : kernels) report_.backends.push_back({kernel->name(), kernel->isa()});
}

VerifyReport Verifier::verify() {
    if (options_.case_number) {
        check(*options_.case_number, source_.read(*options_.case_number));
        return take_report();
    }
    const std::int64_t end = source_.cases();
    const Shard& shard = options_.shard;
    const std::int64_t total = end == kEndless ? kEndless : (end - shard.index + shard.count) / shard.count;
    const auto number_of = [&](std::int64_t i) { return shard.index - 1 + i * shard.count; };
    // Cases are made or read, inflated and their digests taken, while those before them are checked.
    OrderedQueue<Case> cases(options_.threads > 1 ? options_.threads : 0, kAhead);
    cases.start([&](std::int64_t i) { return source_.read(number_of(i)); },
                total == kEndless ? std::numeric_limits<std::int64_t>::max() : total);
    for (std::int64_t i = 0; total == kEndless || i < total; ++i) {
        if (options_.stop && options_.stop()) break;
        check(number_of(i), cases.next());
        if (options_.progress) options_.progress(i + 1, total);
    }
    return take_report();
}

VerifyReport Verifier::take_report() {
    report_.times.all = seconds_since(start_);
    return std::move(report_);
}

void Verifier::check(std::int64_t number, const Case& stored) {
    const std::vector<HostTensor> expected = golden_outputs(number, stored);
    count_classes(stored);
    report_.cases.push_back({number, stored.name, name_of(stored.op), false});
    std::int64_t skipped = 0;
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
        const std::int64_t before = report_.backends[i + 1].skipped;
        verify_kernel(i, number, stored, expected);
        skipped += report_.backends[i + 1].skipped - before;
    }
    report_.cases.back().skipped = !kernels_.empty() && skipped == static_cast<std::int64_t>(kernels_.size());
}

std::vector<HostTensor> Verifier::golden_outputs(std::int64_t number, const Case& stored) {
    std::vector<HostTensor> outputs;
    try {
        outputs = timed_run(stored, golden_, report_.times.golden);
    } catch (const InputError& error) {
        throw InputError(source_.name() + ": case " + case_group_name(number) + ": golden rejects it: " + error.what());
    }
    BackendResult& result = report_.backends[0];
    ++result.cases;
    report_.times.bytes += bytes_of(stored.inputs) + bytes_of(outputs);
    Mismatch mismatch = mismatch_of(number, stored, "stored", golden_, "");
    if (!report_.stored) {
        for (const HostTensor& output : outputs) result.elements += output.elements();
    } else if (compare_outputs(stored, stored.outputs, outputs, result, mismatch)) {
        note(result, mismatch);
    }
    return outputs;
}

void Verifier::verify_kernel(std::size_t kernel, std::int64_t number, const Case& stored,
                             const std::vector<HostTensor>& expected) {
    Backend& backend = *kernels_[kernel];
    BackendResult& result = report_.backends[kernel + 1];
    const std::string arguments =
        options_.kernel_arguments.empty() ? " --isa " + backend.isa() : options_.kernel_arguments[kernel];
    Mismatch mismatch = mismatch_of(number, stored, "golden", backend, arguments);
    std::vector<HostTensor> outputs;
    try {
        outputs = timed_run(stored, backend, report_.times.kernels);
    } catch (const UnsupportedOperation&) {
        ++result.skipped;
        return;
    } catch (const KernelFault& fault) {
        mismatch.kind = name_of(fault.kind());
        mismatch.difference = fault.what();
    } catch (const InputError& error) {
        mismatch.kind = "rejected";
        mismatch.difference = std::string("rejects what golden takes: ") + error.what();
    } catch (const std::bad_alloc&) {
        throw InputError(source_.name() + ": case " + case_group_name(number) + ": " + backend.isa() +
                         " has not enough memory for it");
    }
    ++result.cases;
    report_.times.bytes += bytes_of(outputs);
    if (mismatch.difference.empty() && !compare_outputs(stored, expected, outputs, result, mismatch)) return;
    note(result, mismatch);
    if (options_.on_failure) options_.on_failure({stored, expected, outputs, backend, mismatch});
}

Mismatch Verifier::mismatch_of(std::int64_t number, const Case& stored, const char* whose, const Backend& backend,
                               const std::string& kernel_arguments) const {
    Mismatch mismatch;
    mismatch.case_number = number;
    mismatch.case_name = stored.name;
    mismatch.op = name_of(stored.op);
    mismatch.isa = backend.isa();
    mismatch.expected = whose;
    mismatch.got = backend.name();
    mismatch.kind = "bits";
    mismatch.exponents = exponents_of(stored);
    mismatch.reproduce =
        fmt::format("dfp16 verify {}{} --threads {}", source_.arguments_of(number), kernel_arguments, options_.threads);
    return mismatch;
}

/// Adds to the result; true, and the first tensor that differs in the mismatch, if any bit does.
bool Verifier::compare_outputs(const Case& stored, const std::vector<HostTensor>& expected,
                               const std::vector<HostTensor>& outputs, BackendResult& result,
                               Mismatch& mismatch) const {
    const Operands operands = operands_of(stored);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        result.elements += expected[i].elements();
        const std::optional<Difference> difference = compare(expected[i], outputs[i]);
        if (!difference) continue;
        mismatch.differing_elements += difference->differing_elements;
        mismatch.differing_bits += difference->differing_bits;
        if (!mismatch.difference.empty()) continue;
        const Operand& operand = operands.outputs[i];
        mismatch.difference = describe(operand.name, operand.axes, expected[i], outputs[i], *difference);
        const bool pictured = report_.mismatches.size() < kHeatMaps && !difference->layout_differs;
        if (pictured) mismatch.heat = heat_map(operand.axes, expected[i], outputs[i]);
    }
    return !mismatch.difference.empty();
}

void Verifier::note(BackendResult& result, const Mismatch& mismatch) {
    ++result.cases_differ;
    result.elements_differ += mismatch.differing_elements;
    result.bits_differ += mismatch.differing_bits;
    report_.mismatches.push_back(mismatch);
}

void Verifier::count_classes(const Case& stored) {
    for (const std::string& name : classes_of(stored)) {
        ClassCount& count = report_.classes[name];
        count.corner = is_corner_class(name);
        ++count.cases;
    }
}

VerifyReport verify_file(const std::string& path, Backend& golden, const std::vector<Backend*>& kernels,
                         const VerifyOptions& options) {
    const std::unique_ptr<CaseSource> source = make_file_source(path);
    return Verifier(*source, golden, kernels, options).verify();
}

}  // namespace dfp16
