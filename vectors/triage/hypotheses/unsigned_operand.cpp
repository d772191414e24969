#include "vectors/triage/hypotheses.h"
#include "vectors/triage/products.h"

namespace dfp16 {

namespace {

/// Wrapping instructions are linear: what the sign's place adds is 2^16 times the result for ones where a is negative.
void add_instruction(Candidates& candidates, std::size_t operand, const std::string& words) {
    Case signs = candidates.failed();
    if (std::get<InstructionParams>(signs.params).masking != Masking::none) return;
    for (Mantissa& mantissa : signs.inputs[operand].mantissas()) mantissa.value = mantissa.value < 0 ? 1 : 0;
    if (signs.inputs.size() > 2) {
        for (Accumulator& accumulator : signs.inputs[2].accumulators()) accumulator.value = 0;
    }
    const std::vector<HostTensor> added = candidates.run_golden(signs);
    if (added.empty()) return;
    HostTensor result = candidates.expected()[0];
    for (std::size_t i = 0; i < result.accumulators().size(); ++i) {
        const auto more = static_cast<std::uint32_t>(added[0].accumulators()[i].value) << 16;
        const auto sum = static_cast<std::uint32_t>(result.accumulators()[i].value) + more;
        result.accumulators()[i].value = static_cast<std::int32_t>(sum);
    }
    candidates.add("unsigned for signed", words, {result});
}

void add_products(Candidates& candidates, std::size_t operand, const std::string& words) {
    const Case& failed = candidates.failed();
    std::vector<std::int64_t> values[2] = {integers_of(failed.inputs[0]), integers_of(failed.inputs[1])};
    for (std::int64_t& value : values[operand]) value &= 0xFFFF;
    const HostTensor& expected = candidates.expected()[0];
    const auto outputs = static_cast<std::size_t>(expected.elements());
    candidates.add("unsigned for signed", words,
                   results_of(failed, expected, sums_of(failed, values[0], values[1], outputs)));
}

}  // namespace

void unsigned_operand(Candidates& candidates) {
    const Case& failed = candidates.failed();
    Case copy = failed;
    const bool wraps = failed.op == OpKind::vpmaddwd || failed.op == OpKind::vpdpwssd || failed.op == OpKind::vp4dpwssd;
    const Accumulation* accumulation = accumulation_in(copy.params);
    const bool products = accumulation != nullptr && accumulation->policy != Policy::fma;
    if (!wraps && !products) return;
    const std::vector<Operand> operands = operands_of(failed).inputs;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string words = operands[i].name + " is read as UINT16";
        if (wraps) add_instruction(candidates, i, words);
        if (products) add_products(candidates, i, words);
    }
}

}  // namespace dfp16
