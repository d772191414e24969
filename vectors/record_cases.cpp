#include "vectors/record_cases.h"

#include "sim/types/contract_version.h"
#include "sim/types/error.h"

namespace dfp16 {

CaseRecorder::CaseRecorder(const std::string& path, const std::string& suite, std::uint64_t seed)
    : writer_(path, {.contract = kContractVersion,
                     .suite = suite,
                     .level = 1,
                     .seed = seed,
                     .generator = "dfp16 train --record"}) {}

void CaseRecorder::add(const RecordedOperation& recorded) {
    const Operation& operation = recorded.operation;
    Case recorded_case{header_of(operation.kind, operation.params, recorded.context, recorded.inputs, recorded.outputs),
                       recorded.inputs, recorded.outputs};
    recorded_case.name = operation.layer + "/" + name_of(operation.pass) + "/" + name_of(operation.kind) + "/step" +
                         std::to_string(recorded.context.step);
    writer_.add(recorded_case);
}

void CaseRecorder::commit() {
    if (writer_.cases() == 0)
        throw InputError("nothing was recorded, expected steps and layers that the run has (--record, --layers)");
    writer_.commit();
}

}  // namespace dfp16
