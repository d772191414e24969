// The `params` of a case: a byte for the operation, then JSON.
#include "vectors/params_json.h"

#include "tests/fuzz/helpers.h"
#include "vectors/operands.h"

namespace dfp16::fuzz {

void params_json(Bytes bytes) {
    if (bytes.empty()) return;
    CaseHeader header;
    header.op = static_cast<OpKind>(bytes[0] % (static_cast<int>(OpKind::sgd_update) + 1));
    if (!accepted([&] { params_from_json(text_of(bytes.subspan(1)), header); })) return;
    const bool sound = accepted([&] { operands_of(header); });
    const std::string text = params_to_json(header);
    CaseHeader again;
    again.op = header.op;
    params_from_json(text, again);
    require(again.params == header.params && again.extent == header.extent && params_to_json(again) == text,
            "params change on their way through JSON: " + text);
    require(accepted([&] { operands_of(again); }) == sound, "operands_of() changes its mind: " + text);
}

}  // namespace dfp16::fuzz
