// Operands of a sum of products whose sums are chosen: near 2^31, exact ties of FP32, overflows that cancel later.
//
// One operand (w, dy of weight-gradient, a of gemm) gets coefficients, the other (x, dy, b) is constant along
// everything but the summed channel (image in weight-gradient): the limit M, but 1 on the last channel, so that M *
// (coefficients) + 1 * (coefficients) reaches any target. Sums that meet padding miss terms and are arbitrary.
#pragma once

#include <string>

#include "vectors/case.h"
#include "vectors/case_random.h"

namespace dfp16 {

enum class SumClass {
    under,   ///< +-(2^31 - 1)
    at,      ///< +-2^31
    over,    ///< +-(2^31 + 1)
    cancel,  ///< a small sum whose partial sums leave INT32, first upward or first downward
    ties,    ///< halfway between two FP32 numbers, the even one above or below
};

/// "sum-under-2^31", "sum-at-2^31", "sum-over-2^31", "cancels-later", "ties".
const char* name_of(SumClass sum);

/// Sets the inputs (mantissas; exponents stay 0) of a gemm or convolution case whose header is complete. The sum needs
/// at least five terms that are not 1.
void fill_targeted(Case& golden_case, SumClass sum, int headroom, const CaseRandom& random);

}  // namespace dfp16
