#include "vectors/stream/pipe_backend.h"

#include <fmt/format.h>

#include <optional>

#include "reference/compare.h"
#include "reference/interface/host_plan.h"
#include "sim/types/contract_version.h"
#include "vectors/case.h"
#include "vectors/kernel_fault.h"
#include "vectors/params_json.h"
#include "vectors/stream/pipe_process.h"
#include "vectors/stream/stream_reader.h"
#include "vectors/stream/stream_writer.h"

namespace dfp16 {

namespace {

/// The command and what has come from it.
class Session {
public:
    Session(std::string command, double timeout_seconds)
        : command_(std::move(command)), timeout_seconds_(timeout_seconds) {}

    ~Session() {
        if (!process_) return;
        write_stream_end(asked_, [&](const char* text, std::size_t size) { process_->send_last({text, size}); });
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::vector<HostTensor> ask(const Case& asked) {
        if (!process_) start();
        StreamedCase streamed;
        try {
            streamed = answer_to(asked);
            check_copied(asked, streamed);
        } catch (const InputError& error) {
            stop();
            throw KernelFault(FaultKind::malformed, error.what());
        } catch (...) {
            stop();
            throw;
        }
        answer_of(streamed);
        return std::move(streamed.outputs);
    }

private:
    void start() {
        process_.emplace(command_);
        asked_ = 0;
    }

    StreamedCase answer_to(const Case& asked) {
        std::string text;
        const TextSink sink = [&](const char* piece, std::size_t size) { text.append(piece, size); };
        if (asked_ == 0) write_stream_header({kContractVersion, "pipe", 1, 1, "dfp16"}, sink);
        write_stream_case(asked_++, asked, sink);
        process_->send(std::move(text), timeout_seconds_);
        if (!reader_) reader_.emplace(*process_, "'" + command_ + "'");
        std::optional<StreamedCase> streamed = reader_->next();
        if (!streamed) throw KernelFault(FaultKind::malformed, "a 'done' line, expected the answer to a case");
        return std::move(*streamed);
    }

    void check_copied(const Case& asked, const StreamedCase& streamed) const {
        if (streamed.number != asked_ - 1) {
            throw KernelFault(FaultKind::malformed, fmt::format("an answer to case {}, expected one to case {}",
                                                                streamed.number, asked_ - 1));
        }
        if (streamed.inputs.op != asked.op || params_to_json(streamed.inputs) != params_to_json(asked)) {
            throw KernelFault(FaultKind::malformed, "operation or params are not those that were sent");
        }
        for (std::size_t i = 0; i < asked.inputs.size(); ++i) {
            if (!compare(asked.inputs[i], streamed.inputs.inputs[i])) continue;
            throw KernelFault(FaultKind::input_changed,
                              "in " + operands_of(asked).inputs[i].name + " is not what was sent");
        }
    }

    void stop() {
        reader_.reset();
        process_.reset();
    }

    std::string command_;
    double timeout_seconds_;
    std::int64_t asked_ = 0;  ///< cases since the start of the process
    std::optional<PipeProcess> process_;
    std::optional<StreamReader> reader_;
};

class PipePlan : public HostPlan {
public:
    PipePlan(const Graph& graph, Session& session) : HostPlan(graph), session_(session) {}

    void run(std::size_t segment, const RunContext& context) override {
        const Operation& op = operation(segment);
        std::vector<HostTensor> inputs;
        std::vector<HostTensor> outputs;
        for (const TensorId id : op.inputs) inputs.push_back(tensors()[id]);
        for (const TensorId id : op.outputs) outputs.push_back(tensors()[id]);
        const CaseHeader header = header_of(op.kind, op.params, context, inputs, outputs);
        const Case asked{header, std::move(inputs), {}};
        std::vector<HostTensor> answer = session_.ask(asked);
        for (std::size_t i = 0; i < answer.size(); ++i) tensors()[op.outputs[i]] = std::move(answer[i]);
    }

private:
    Session& session_;
};

class PipeBackend : public Backend {
public:
    PipeBackend(const std::string& command, double timeout_seconds)
        : session_(command, timeout_seconds), isa_(command.substr(0, command.find_first_of(" \t\n;|&<>"))) {
        isa_ = isa_.substr(isa_.rfind('/') + 1);
    }
    std::string name() const override { return "pipe"; }
    std::string isa() const override { return isa_; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<PipePlan>(graph, session_);
    }

private:
    Session session_;
    std::string isa_;
};

}  // namespace

std::unique_ptr<Backend> make_pipe_backend(const std::string& shell_command, double timeout_seconds) {
    return std::make_unique<PipeBackend>(shell_command, timeout_seconds);
}

}  // namespace dfp16
