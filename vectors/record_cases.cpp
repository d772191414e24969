#include "vectors/record_cases.h"

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/operands.h"

namespace dfp16 {

namespace {

bool golden_files_hold(OpKind op) {
    return is_elementwise(op) || is_instruction(op) || op == OpKind::gemm || op == OpKind::conv_forward ||
           op == OpKind::conv_backward_data || op == OpKind::conv_weight_gradient;
}

}  // namespace

CaseRecorder::CaseRecorder(const std::string& suite, std::uint64_t seed)
    : writer_({.contract = kContractVersion, .suite = suite, .level = 1, .seed = seed, .generator = "dfp16 train --record"}) {}

void CaseRecorder::add(const RecordedOperation& recorded) {
    const Operation& operation = recorded.operation;
    if (!golden_files_hold(operation.kind)) {
        ++left_out_;
        return;
    }
    Case recorded_case;
    recorded_case.name = operation.layer + "/" + name_of(operation.pass) + "/" + name_of(operation.kind) + "/step" +
                         std::to_string(recorded.context.step);
    recorded_case.op = operation.kind;
    recorded_case.params = operation.params;
    recorded_case.extent = recorded.inputs[0].shape;
    recorded_case.context = recorded.context;
    recorded_case.inputs = recorded.inputs;
    recorded_case.outputs = recorded.outputs;
    writer_.add(recorded_case);
}

void CaseRecorder::commit(const std::string& path) {
    if (writer_.cases() == 0) throw InputError("nothing was recorded, expected steps and layers that the run has (--record, --layers)");
    writer_.commit(path);
}

}  // namespace dfp16
