// The operations that round to DFP-16 (contract sections 6 and 8), as a kernel computes them that is right but for what
// is changed here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "reference/interface/operation.h"
#include "sim/philox.h"
#include "vectors/case.h"

namespace dfp16::triage {

/// quantize, multiply, add, down_convert, max_pool_backward, concat_forward.
bool rounds_to_dfp(OpKind op);
/// Their parameters.
const RoundingParams& rounding_of(const OpParams& params);
RoundingParams& rounding_of(OpParams& params);

/// v * 2^-shift (shift >= 0) to an integer; `word` is the random one.
using RoundShift = std::function<std::int64_t(std::int64_t v, int shift, std::uint32_t word)>;
/// The contract's.
RoundShift contract_round(Rounding mode);

struct DfpModel {
    RoundShift align;    ///< of add and concat
    RoundShift convert;  ///< to the mantissas
    std::function<std::uint32_t(Purpose purpose, std::int64_t element)> word;
    int exponent_offset = 0;  ///< added to the exponent that the largest magnitude asks for
    bool late_relu = false;   ///< of add: after the exponent is chosen
    bool clamps = true;       ///< to the headroom's range; else only to INT16, by its low 16 bits
};

/// The contract's way.
DfpModel contract_model(const Case& inputs, const RoundingParams& rounding);

/// One element before its last rounding: v * 2^exponent, to be shifted right by `shift` (left, if negative).
struct Unrounded {
    std::int64_t v = 0;
    int shift = 0;
};

struct UnroundedTensor {
    std::vector<Unrounded> elements;
    int exponent = 0;  ///< of the result
};

/// Before the last rounding.
UnroundedTensor unrounded(const Case& inputs, const DfpModel& model);
/// The operation's output.
HostTensor output_under(const Case& inputs, const DfpModel& model);

}  // namespace dfp16::triage
