#include <cstdint>
#include <iterator>

#include "vectors/product_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

constexpr std::uint32_t kShapeStream = 3;

struct Sizes {
    std::int64_t M, N, K;
};

/// values: a ProductClass, or an FmaClass under policy fma.
template <typename Values>
Case make(const Sizes& sizes, const Accumulation& accumulation, const Values& values, const CaseRandom& random) {
    Case made;
    made.op = OpKind::gemm;
    made.params = GemmParams{sizes.M, sizes.N, sizes.K, accumulation};
    made.name = "gemm/m" + std::to_string(sizes.M) + "n" + std::to_string(sizes.N) + "k" + std::to_string(sizes.K) +
                "/" + name_of(values) + "/" + name_of(accumulation);
    fill_products(made, values, random);
    return made;
}

/// The same inputs under each of the accumulations.
void add(Suite& suite, const Sizes& sizes, const ProductClass& values, const std::vector<Accumulation>& accumulations) {
    const std::uint32_t number = suite.next_number();
    for (const Accumulation& accumulation : accumulations) {
        suite.add_with_data_of(number,
                               [=](const CaseRandom& random) { return make(sizes, accumulation, values, random); });
    }
}

const std::vector<Accumulation> kPolicies = {
    {Policy::exact, 64}, {Policy::chain, 8}, {Policy::wrap, 64}, {Policy::saturate, 64}};

// Odd K tails, vectors, both sides of 16 and 32.
constexpr Sizes kSizes[] = {{1, 1, 1},    {1, 1, 2},   {1, 1, 3},    {3, 5, 7},    {16, 16, 16},
                            {17, 33, 19}, {1, 16, 64}, {16, 1, 65},  {32, 31, 33}, {5, 17, 129},
                            {2, 3, 257},  {6, 8, 512}, {33, 15, 31}, {8, 12, 1},   {4, 32, 100}};

/// Every size, every class of values in turn, all policies.
void add_sizes(Suite& suite) {
    std::size_t i = 0;
    for (const Sizes& sizes : kSizes) {
        for (const int headroom : {0, 2}) {
            const Fill fill = symmetric_fills()[i++ % symmetric_fills().size()];
            add(suite, sizes, {fill, headroom, headroom, Scale::ordinary}, kPolicies);
        }
    }
}

void add_sums(Suite& suite) {
    for (const Sizes& sizes : {Sizes{8, 6, 6}, Sizes{9, 5, 17}, Sizes{24, 4, 64}}) {
        for (const SumClass sum : {SumClass::under, SumClass::at, SumClass::over, SumClass::cancel, SumClass::ties}) {
            add(suite, sizes, {sum, 0, 0, Scale::ordinary}, kPolicies);
            if (sizes.K == 64) add(suite, sizes, {sum, 2, 2, Scale::ordinary}, kPolicies);
        }
    }
    add(suite, {7, 9, 33}, {Fill::lowest, 0, 0, Scale::ordinary},
        {{Policy::chain, 1}, {Policy::chain, 8}, {Policy::wrap, 64}, {Policy::saturate, 64}});
}

void add_chains(Suite& suite) {
    for (const int headroom : {0, 1, 2}) {
        for (const std::int64_t chain : {1, 3, 8, 64, 256}) {
            add(suite, {5, 18, 700}, {Fill::bell, headroom, headroom, Scale::ordinary}, {{Policy::chain, chain}});
        }
    }
}

void add_scales(Suite& suite) {
    for (const Scale scale : {Scale::subnormal, Scale::subnormal_ties, Scale::largest, Scale::smallest}) {
        for (const Fill fill : {Fill::bell, Fill::largest, Fill::one_large}) {
            add(suite, {9, 17, 33}, {fill, scale == Scale::subnormal_ties ? 12 : 2, 2, scale}, kPolicies);
        }
    }
}

/// FP32 operands: every class at two sizes, so that each size has one or two.
void add_fma(Suite& suite) {
    std::uint32_t number = kFmaNumbers;
    for (std::size_t i = 0; i < 2 * fma_classes().size(); ++i) {
        const Sizes sizes = kSizes[i % std::size(kSizes)];
        const FmaClass values = fma_classes()[i % fma_classes().size()];
        suite.insert(number++, [=](const CaseRandom& random) {
            return make(sizes, {Policy::fma, 64}, values, random);
        });
    }
}

/// Whole blocks and values without corners: what is left of the suite without its corner classes
/// (vectors/case_class.h).
void add_plain(Suite& suite) {
    std::uint32_t number = kMutantNumbers;
    for (const Fill fill : {Fill::uniform, Fill::bell}) {
        for (const Accumulation& accumulation : kPolicies) {
            const ProductClass values{fill, 2, 2, Scale::ordinary};
            suite.insert(number, [=](const CaseRandom& random) {
                return make({32, 32, 64}, accumulation, values, random);
            });
        }
        ++number;
    }
}

/// Subnormal results whose sum, rounded to 24 bits first, lies halfway between two of them: a second rounding goes
/// wrong.
Case make_rounded_twice(const CaseRandom& random) {
    constexpr int kDropped = 8;  // bits of a sum below 2^29 that the result has not
    constexpr int kLow = 14;
    Case made;
    made.op = OpKind::gemm;
    made.params = GemmParams{16, 4, 2, {Policy::exact, 64}};
    made.name = "gemm/m16n4k2/rounds-twice/exact";
    made.inputs = {HostTensor(ElementType::mantissa, {16, 2}), HostTensor(ElementType::mantissa, {2, 4})};
    for (std::size_t m = 0; m < 16; ++m) {
        const std::int64_t halves = 2 * random.uniform(kShapeStream, m, 1 << 20, (1 << 21) - 2) + 1;
        const std::int64_t sum = halves * (1 << (kDropped - 1)) + (m % 2 == 0 ? 1 : -1);
        const std::int64_t high = sum >> kLow;
        made.inputs[0].mantissas()[2 * m].value = static_cast<std::int16_t>(high);
        made.inputs[0].mantissas()[2 * m + 1].value = static_cast<std::int16_t>(sum - (high << kLow));
    }
    for (std::size_t n = 0; n < 4; ++n) {
        const bool negative = n % 2 == 1;
        made.inputs[1].mantissas()[n].value = static_cast<std::int16_t>(negative ? -(1 << kLow) : 1 << kLow);
        made.inputs[1].mantissas()[4 + n].value = negative ? -1 : 1;
    }
    made.inputs[0].exponent = {-80};
    made.inputs[1].exponent = {-149 - kDropped + 80};
    return made;
}

void add_random(Suite& suite, int count, std::int64_t largest) {
    for (int i = 0; i < count; ++i) {
        suite.add([=](const CaseRandom& random) {
            const auto pick = [&](std::uint64_t draw, std::int64_t low, std::int64_t high) {
                return random.uniform(kShapeStream, draw, low, high);
            };
            const Sizes sizes{pick(0, 1, largest), pick(1, 1, largest), pick(2, 1, 8 * largest)};
            const auto policy = static_cast<Policy>(pick(3, 0, 3));
            const auto last = static_cast<std::int64_t>(symmetric_fills().size()) - 1;
            const Fill fill = symmetric_fills()[static_cast<std::size_t>(pick(4, 0, last))];
            const ProductClass values{fill, static_cast<int>(pick(5, 0, 3)), static_cast<int>(pick(6, 0, 3)),
                                      Scale::ordinary};
            return make(sizes, {policy, pick(7, 1, 100)}, values, random);
        });
    }
}

}  // namespace

Suite gemm_suite(int level) {
    Suite suite("gemm", SuiteId::gemm);
    add_sizes(suite);
    add_sums(suite);
    add_chains(suite);
    add_scales(suite);
    add_fma(suite);
    add_plain(suite);
    suite.insert(kMutantNumbers + 2, make_rounded_twice);
    if (level >= 2) add_random(suite, 300, 40);
    if (level >= 3) add_random(suite, 1000, 96);
    return suite;
}

}  // namespace dfp16
