#include "vectors/stream/verify_stream.h"

#include <fmt/format.h>

#include "reference/interface/host_plan.h"

namespace dfp16 {

namespace {

/// The case that was read last.
class StreamSource : public CaseSource {
public:
    StreamSource(const StreamReader& reader, std::string name) : header_(reader.header()), name_(std::move(name)) {}
    const FileHeader& header() const override { return header_; }
    std::string name() const override { return name_; }
    std::int64_t cases() const override { return kEndless; }
    bool stores_outputs() const override { return false; }
    Case read(std::int64_t) override { return current.inputs; }
    std::string arguments_of(std::int64_t) const override { return "--stream"; }

    StreamedCase current;

private:
    FileHeader header_;
    std::string name_;
};

class AnswerPlan : public HostPlan {
public:
    AnswerPlan(const Graph& graph, const StreamSource& source) : HostPlan(graph), source_(source) {}
    void run(std::size_t segment, const RunContext&) override {
        const std::vector<HostTensor>& answer = answer_of(source_.current);
        for (std::size_t i = 0; i < answer.size(); ++i) output(operation(segment), i) = answer[i];
    }

private:
    const StreamSource& source_;
};

class AnswerBackend : public Backend {
public:
    explicit AnswerBackend(const StreamSource& source) : source_(source) {}
    std::string name() const override { return "stream"; }
    std::string isa() const override { return source_.name(); }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<AnswerPlan>(graph, source_);
    }

private:
    const StreamSource& source_;
};

}  // namespace

VerifyReport verify_stream(StreamReader& reader, const std::string& name, Backend& golden,
                           const VerifyOptions& options) {
    StreamSource source(reader, name);
    AnswerBackend answers(source);
    const std::vector<Backend*> kernels = {&answers};
    VerifyOptions own = options;
    own.kernel_arguments = {""};
    Verifier verifier(source, golden, kernels, own);
    std::int64_t done = 0;
    while (!(options.stop && options.stop())) {
        std::optional<StreamedCase> next = reader.next();
        if (!next) break;
        source.current = std::move(*next);
        verifier.check(source.current.number, source.current.inputs);
        ++done;
        if (options.progress) options.progress(done, kEndless);
    }
    VerifyReport report = verifier.take_report();
    for (Mismatch& mismatch : report.mismatches) {
        mismatch.reproduce =
            fmt::format("dfp16 generate --suite {} --level {} --seed {} --stream | SIMULATOR | dfp16 verify --stream",
                        report.header.suite, report.header.level, report.header.seed);
    }
    return report;
}

}  // namespace dfp16
