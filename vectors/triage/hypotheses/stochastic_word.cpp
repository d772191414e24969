// Stochastic rounding, or dropout, with another random word than the element's.
#include <functional>
#include <utility>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

/// Another stream: golden on changed numbers.
void offer_streams(const Evidence& evidence, Trial& trial) {
    const auto with = [&](const char* words, const std::function<void(Case&, std::uint32_t & tensor)>& change) {
        Case changed = evidence.inputs;
        auto* dropout = std::get_if<DropoutParams>(&changed.params);
        change(changed, dropout != nullptr ? dropout->tensor : rounding_of(changed.params).tensor);
        trial.offer_golden(words, changed);
    };
    with("random words of tensor 0", [](Case&, std::uint32_t& tensor) { tensor = 0; });
    with("random words of the next tensor", [](Case&, std::uint32_t& tensor) { tensor = (tensor + 1) & 0xFFFFFF; });
    with("random words of step 0", [](Case& c, std::uint32_t&) { c.context.step = 0; });
    with("random words of the step before", [](Case& c, std::uint32_t&) { --c.context.step; });
    with("random words of the next step", [](Case& c, std::uint32_t&) { ++c.context.step; });
    with("seed cut to 32 bits", [](Case& c, std::uint32_t&) { c.context.seed &= 0xFFFFFFFF; });
    with("halves of the seed exchanged",
         [](Case& c, std::uint32_t&) { c.context.seed = c.context.seed << 32 | c.context.seed >> 32; });
}

/// Another word of the stream, or another comparison with it.
void offer_elements(const Evidence& evidence, Trial& trial) {
    const RoundingParams rounding = rounding_of(evidence.inputs.params);
    const DfpModel right = contract_model(evidence.inputs, rounding);
    const auto with = [&](const char* words, const std::function<std::uint32_t(Purpose, std::int64_t)>& word) {
        DfpModel model = right;
        model.word = word;
        trial.offer(words, output_under(evidence.inputs, model));
    };
    with("random word of the next element", [&](Purpose p, std::int64_t i) { return right.word(p, i + 1); });
    with("random words of element 0", [&](Purpose p, std::int64_t) { return right.word(p, 0); });
    with("random words of the first of four elements",
         [&](Purpose p, std::int64_t i) { return right.word(p, i & ~3); });
    with("the four words of a block in reverse order", [&](Purpose p, std::int64_t i) { return right.word(p, i ^ 3); });
    with("random words of 16 bits", [&](Purpose p, std::int64_t i) { return right.word(p, i) & 0xFFFF0000u; });
    with("the complement of the random word", [&](Purpose p, std::int64_t i) { return ~right.word(p, i); });
    for (const auto& [purpose, words] : {std::pair{Purpose::quantize, "random words of purpose quantize"},
                                         std::pair{Purpose::align, "random words of purpose align"},
                                         std::pair{Purpose::down_convert, "random words of purpose down-convert"}}) {
        with(words, [&, wrong = purpose](Purpose, std::int64_t i) { return right.word(wrong, i); });
    }
}

}  // namespace

void hypothesis::stochastic_word(const Evidence& evidence, Trial& trial) {
    const OpKind op = evidence.inputs.op;
    const bool dropout = op == OpKind::dropout_forward || op == OpKind::dropout_backward;
    const bool rounds = rounds_to_dfp(op) && rounding_of(evidence.inputs.params).rounding == Rounding::stochastic;
    if (!dropout && !rounds) return;
    offer_streams(evidence, trial);
    if (rounds) offer_elements(evidence, trial);
}

}  // namespace dfp16::triage
