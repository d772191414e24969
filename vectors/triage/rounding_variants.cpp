#include "vectors/triage/rounding_variants.h"

namespace dfp16::triage {

void offer_roundings(const Evidence& evidence, Trial& trial, std::optional<Rounding> mode, const std::string& words,
                     const RoundShift& round) {
    const Case& inputs = evidence.inputs;
    if (!rounds_to_dfp(inputs.op) || rounding_of(inputs.params).rounding == mode) return;
    const DfpModel right = contract_model(inputs, rounding_of(inputs.params));
    const auto offer = [&](bool align, bool convert, const std::string& where) {
        DfpModel model = right;
        if (align) model.align = round;
        if (convert) model.convert = round;
        trial.offer(words + where, output_under(inputs, model));
    };
    offer(true, true, "");
    if (inputs.op != OpKind::add) return;
    offer(true, false, ", when it aligns");
    offer(false, true, ", when it converts down");
}

}  // namespace dfp16::triage
