// Cases of sums of products, gemm and convolution alike: values by class, exponents by scale.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "vectors/case.h"
#include "vectors/case_random.h"
#include "vectors/float_data.h"
#include "vectors/targeted_sums.h"
#include "vectors/tensor_data.h"

namespace dfp16 {

/// Where the results lie in FP32; INT32 results carry the same exponents.
enum class Scale {
    ordinary,
    subnormal,       ///< largest results around the largest subnormal
    subnormal_ties,  ///< 2^-150: odd sums lie halfway between two subnormals
    largest,         ///< the largest possible sum just below 2^128
    smallest,        ///< both exponents -126: results underflow to zeros of either sign
};

/// "ordinary", "subnormal", ...
const char* name_of(Scale scale);

struct ProductClass {
    std::variant<Fill, SumClass> values = Fill::uniform;
    int headroom_a = kHeadroomDefault;
    int headroom_b = kHeadroomDefault;
    Scale scale = Scale::ordinary;
};

/// The class as part of a case's name: "uniform-h2", "sum-at-2^31", "bell-h0-h2/subnormal".
std::string name_of(const ProductClass& product_class);

/// FP32 operands of policy `fma`; the sums stay finite.
struct FmaClass {
    FloatFill a = FloatFill::bell;
    FloatFill b = FloatFill::bell;
};

/// Every class that the suites use: rounding at each step, cancellation, subnormal products, zeros of both signs.
const std::vector<FmaClass>& fma_classes();

/// "bell", "subnormal-bell".
std::string name_of(const FmaClass& fma_class);

/// The accumulation as part of a case's name: "exact", "chain64".
std::string name_of(const Accumulation& accumulation);

/// Sets both inputs of a gemm or convolution case whose header is complete.
void fill_products(Case& golden_case, const ProductClass& product_class, const CaseRandom& random);
/// The same under policy `fma`.
void fill_products(Case& golden_case, const FmaClass& fma_class, const CaseRandom& random);

/// Where the numbers of cases begin that came to the suites gemm and conv after the others (docs/vectors.md).
inline constexpr std::uint32_t kFmaNumbers = 1'000'000;
inline constexpr std::uint32_t kNetworkNumbers = 2'000'000;

}  // namespace dfp16
