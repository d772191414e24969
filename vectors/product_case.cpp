#include "vectors/product_case.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "vectors/names.h"

namespace dfp16 {

namespace {

constexpr std::uint32_t kStreamA = 0;
constexpr std::uint32_t kStreamB = 1;
constexpr std::uint32_t kExponentStream = 2;

std::int64_t largest_magnitude(const HostTensor& tensor) {
    std::int64_t largest = 0;
    for (const Mantissa m : tensor.mantissas()) largest = std::max(largest, std::abs(std::int64_t{m.value}));
    return largest;
}

/// How many products a sum has.
std::int64_t sum_length(const Case& golden_case) {
    if (golden_case.op == OpKind::gemm) return std::get<GemmParams>(golden_case.params).K;
    const auto& p = std::get<ConvParams>(golden_case.params);
    switch (golden_case.op) {
        case OpKind::conv_forward: return p.C / p.groups * p.R * p.S;
        case OpKind::conv_backward_data: return p.K / p.groups * p.R * p.S;
        default: return p.N * p.P * p.Q;
    }
}

const Accumulation& accumulation_of(const OpParams& params) {
    if (const auto* gemm = std::get_if<GemmParams>(&params)) return gemm->accumulation;
    return std::get<ConvParams>(params).accumulation;
}

/// Bits of a magnitude that no result reaches before scaling, rounding included.
int bits_of_largest_sum(const Case& golden_case) {
    constexpr std::int64_t kWrapped = std::int64_t{1} << 31;  // what one chain may give, however few products it has
    const std::int64_t product = largest_magnitude(golden_case.inputs[0]) * largest_magnitude(golden_case.inputs[1]);
    const bool chain = accumulation_of(golden_case.params).policy == Policy::chain;
    const std::int64_t bound = sum_length(golden_case) * std::max(product, chain ? kWrapped : 1);
    return std::bit_width(static_cast<std::uint64_t>(bound + bound / 256));
}

/// ea + eb.
int product_exponent(const Case& golden_case, Scale scale, const CaseRandom& random) {
    const int bits = bits_of_largest_sum(golden_case);
    switch (scale) {
        case Scale::ordinary: return static_cast<int>(random.uniform(kExponentStream, 0, -40, 10));
        case Scale::subnormal: return -127 - bits;
        case Scale::subnormal_ties: return -150;
        case Scale::largest: return 128 - bits;
        case Scale::smallest: return 2 * kExponentMin;
    }
    return 0;
}

}  // namespace

const char* name_of(Scale scale) {
    switch (scale) {
        case Scale::ordinary: return "ordinary";
        case Scale::subnormal: return "subnormal";
        case Scale::subnormal_ties: return "subnormal-ties";
        case Scale::largest: return "largest-fp32";
        case Scale::smallest: return "smallest-exponents";
    }
    return "?";
}

std::string name_of(const ProductClass& product_class) {
    const std::string values = std::visit([](auto value) { return std::string(name_of(value)); }, product_class.values);
    const std::string a = "-h" + std::to_string(product_class.headroom_a);
    const std::string b = "-h" + std::to_string(product_class.headroom_b);
    const std::string scale =
        product_class.scale == Scale::ordinary ? "" : std::string("/") + name_of(product_class.scale);
    return values + a + (a == b ? "" : b) + scale;
}

const std::vector<FmaClass>& fma_classes() {
    static const std::vector<FmaClass> classes = {
        {FloatFill::bell, FloatFill::bell},           {FloatFill::wide, FloatFill::wide},
        {FloatFill::walking, FloatFill::walking},     {FloatFill::one_large, FloatFill::bell},
        {FloatFill::subnormal, FloatFill::bell},      {FloatFill::below_power, FloatFill::walking},
        {FloatFill::largest, FloatFill::largest},     {FloatFill::zeros, FloatFill::bell},
        {FloatFill::subnormal, FloatFill::subnormal}, {FloatFill::bell, FloatFill::ties},
    };
    return classes;
}

std::string name_of(const FmaClass& fma_class) {
    const std::string a = name_of(fma_class.a);
    const std::string b = name_of(fma_class.b);
    return a == b ? a : a + "-" + b;
}

std::string name_of(const Accumulation& accumulation) {
    const std::string policy = name_of(accumulation.policy);
    return accumulation.policy == Policy::chain ? policy + std::to_string(accumulation.chain) : policy;
}

void fill_products(Case& golden_case, const ProductClass& product_class, const CaseRandom& random) {
    if (const auto* sum = std::get_if<SumClass>(&product_class.values)) {
        fill_targeted(golden_case, *sum, std::max(product_class.headroom_a, product_class.headroom_b), random);
    } else {
        const Fill fill = std::get<Fill>(product_class.values);
        const Operands operands = operands_of(golden_case);
        const Fill other = fill == Fill::zeros ? Fill::uniform : fill;
        golden_case.inputs = {
            mantissa_tensor(fill, operands.inputs[0].shape, product_class.headroom_a, random, kStreamA),
            mantissa_tensor(other, operands.inputs[1].shape, product_class.headroom_b, random, kStreamB)};
    }
    const int exponent = product_exponent(golden_case, product_class.scale, random);
    const int low = std::max(kExponentMin, exponent - kExponentMax);
    const int high = std::min(kExponentMax, exponent - kExponentMin);
    const int first =
        std::clamp(static_cast<int>(exponent / 2 + random.uniform(kExponentStream, 1, -10, 10)), low, high);
    golden_case.inputs[0].exponent = {first};
    golden_case.inputs[1].exponent = {exponent - first};
}

void fill_products(Case& golden_case, const FmaClass& fma_class, const CaseRandom& random) {
    constexpr int kHeadroom = 70;  // magnitudes below 2^58: a thousand products of the largest stay below 2^127
    const Operands operands = operands_of(golden_case);
    golden_case.inputs = {float_tensor(fma_class.a, operands.inputs[0].shape, kHeadroom, random, kStreamA),
                          float_tensor(fma_class.b, operands.inputs[1].shape, kHeadroom, random, kStreamB)};
}

}  // namespace dfp16
