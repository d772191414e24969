#include <array>
#include <cstdint>
#include <iterator>

#include "vectors/conv_shapes.h"
#include "vectors/product_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

constexpr std::uint32_t kShapeStream = 3;
constexpr std::array kPasses = {OpKind::conv_forward, OpKind::conv_backward_data, OpKind::conv_weight_gradient};

const char* pass_name(OpKind op) {
    switch (op) {
        case OpKind::conv_forward: return "forward";
        case OpKind::conv_backward_data: return "backward-data";
        default: return "weight-gradient";
    }
}

/// "n2c16k32-3x3-stride2x1-pad1x1-groups4"
std::string geometry_name(const ConvParams& p) {
    const auto pair = [](const std::array<std::int64_t, 2>& v) {
        return std::to_string(v[0]) + "x" + std::to_string(v[1]);
    };
    std::string name = "n" + std::to_string(p.N) + "c" + std::to_string(p.C) + "k" + std::to_string(p.K);
    name += "-" + pair({p.R, p.S});
    if (p.stride != std::array<std::int64_t, 2>{1, 1}) name += "-stride" + pair(p.stride);
    if (p.pad != std::array<std::int64_t, 2>{0, 0}) name += "-pad" + pair(p.pad);
    if (p.groups > 1) name += "-groups" + std::to_string(p.groups);
    return name;
}

/// values: a ProductClass, or an FmaClass under policy fma.
template <typename Values>
Case make(OpKind op, const ConvParams& params, const Values& values, const CaseRandom& random) {
    Case made;
    made.op = op;
    made.params = params;
    made.name = std::string(pass_name(op)) + "/" + geometry_name(params) + "/" + name_of(values) + "/" +
                name_of(params.accumulation);
    fill_products(made, values, random);
    return made;
}

/// The same inputs under each of the accumulations.
void add(Suite& suite, OpKind op, const ConvGeometry& geometry, const ProductClass& values,
         const std::vector<Accumulation>& accumulations) {
    const std::uint32_t number = suite.next_number();
    for (const Accumulation& accumulation : accumulations) {
        const ConvParams params = params_of(geometry, accumulation);
        suite.add_with_data_of(number, [=](const CaseRandom& random) { return make(op, params, values, random); });
    }
}

// Kernels, strides, padding, groups and channel counts on both sides of the blocks of 16 and 32.
constexpr ConvGeometry kGeometries[] = {
    {2, 3, 5, 5, 5, 1, 1, {1, 1}, {0, 0}, 1},     {1, 16, 6, 6, 16, 3, 3, {1, 1}, {1, 1}, 1},
    {1, 17, 5, 5, 19, 3, 3, {1, 1}, {0, 0}, 1},   {1, 16, 7, 7, 32, 3, 3, {2, 2}, {1, 1}, 1},
    {1, 5, 7, 7, 17, 5, 5, {1, 1}, {2, 2}, 1},    {1, 3, 14, 14, 16, 7, 7, {2, 2}, {3, 3}, 1},
    {1, 19, 4, 9, 5, 1, 7, {1, 1}, {0, 3}, 1},    {1, 5, 9, 4, 19, 7, 1, {1, 1}, {3, 0}, 1},
    {1, 3, 27, 27, 8, 11, 11, {4, 4}, {0, 0}, 1}, {1, 3, 23, 23, 5, 11, 11, {4, 4}, {2, 2}, 1},
    {1, 32, 5, 5, 33, 1, 1, {2, 2}, {0, 0}, 1},   {2, 5, 10, 10, 5, 1, 1, {3, 3}, {0, 0}, 1},
    {2, 1, 7, 9, 1, 3, 3, {2, 1}, {1, 0}, 1},     {1, 3, 7, 11, 17, 3, 3, {1, 3}, {0, 1}, 1},
    {1, 17, 6, 6, 17, 3, 3, {1, 1}, {1, 1}, 17},  {1, 32, 7, 7, 32, 5, 5, {2, 2}, {2, 2}, 32},
    {1, 32, 4, 4, 34, 3, 3, {1, 1}, {1, 1}, 2},   {2, 9, 5, 5, 15, 3, 3, {1, 1}, {0, 0}, 3},
    {1, 68, 3, 3, 4, 1, 1, {1, 1}, {0, 0}, 4},    {1, 3, 6, 6, 12, 3, 3, {1, 1}, {1, 1}, 3},
    {1, 31, 4, 4, 31, 3, 3, {1, 1}, {1, 1}, 1},   {1, 33, 4, 4, 33, 3, 3, {1, 1}, {0, 0}, 1},
    {1, 15, 5, 5, 17, 3, 3, {2, 2}, {1, 1}, 1},   {1, 64, 3, 3, 16, 1, 1, {1, 1}, {0, 0}, 1},
    {1, 3, 3, 3, 5, 3, 3, {1, 1}, {4, 4}, 1},     {1, 5, 4, 4, 3, 1, 1, {2, 2}, {3, 2}, 1},
    {2, 16, 6, 6, 16, 2, 2, {2, 2}, {0, 0}, 1},   {1, 5, 13, 13, 17, 3, 3, {5, 5}, {0, 0}, 1},
    {2, 32, 4, 4, 10, 4, 4, {1, 1}, {0, 0}, 1},   {3, 1, 6, 6, 1, 3, 3, {1, 1}, {1, 1}, 1},
    {1, 19, 4, 13, 17, 3, 3, {1, 1}, {1, 1}, 1},  {1, 48, 3, 3, 48, 3, 3, {1, 1}, {1, 1}, 1},
    {5, 35, 1, 1, 18, 1, 1, {1, 1}, {0, 0}, 1},   {1, 4, 11, 10, 6, 4, 4, {3, 3}, {1, 1}, 1},
    {2, 1, 9, 9, 33, 5, 5, {2, 2}, {2, 2}, 1},    {2, 40, 5, 5, 1, 3, 3, {1, 1}, {1, 1}, 1},
};

/// Every geometry, exact and one other policy on the same inputs; classes of values in turn.
void add_geometries(Suite& suite, OpKind op) {
    const std::vector<Fill>& fills = symmetric_fills();
    std::size_t i = static_cast<std::size_t>(op);
    for (const ConvGeometry& geometry : kGeometries) {
        const ProductClass values{fills[i % fills.size()], static_cast<int>(i % 3), static_cast<int>(i / 3 % 3),
                                  Scale::ordinary};
        constexpr std::int64_t kChains[] = {1, 3, 8, 64, 256};
        const Accumulation others[] = {{Policy::chain, kChains[i % 5]}, {Policy::wrap, 64}, {Policy::saturate, 64}};
        add(suite, op, geometry, values, {{Policy::exact, 64}, others[i % 3]});
        ++i;
    }
}

/// Sums at the edges of INT32 and of FP32's rounding, the same inputs under all policies.
void add_sums(Suite& suite, OpKind op) {
    constexpr ConvGeometry kPlaces[] = {
        {3, 17, 3, 3, 18, 1, 1, {1, 1}, {0, 0}, 1},  // the last channel beyond a block of 16
        {2, 3, 5, 6, 5, 3, 3, {1, 1}, {1, 1}, 1},    // padding: outer sums miss terms
        {2, 12, 4, 3, 10, 2, 3, {1, 1}, {0, 0}, 2},
    };
    for (const ConvGeometry& geometry : kPlaces) {
        for (const SumClass sum : {SumClass::under, SumClass::at, SumClass::over, SumClass::cancel, SumClass::ties}) {
            add(suite, op, geometry, {sum, 0, 0, Scale::ordinary},
                {{Policy::exact, 64}, {Policy::chain, 2}, {Policy::wrap, 64}, {Policy::saturate, 64}});
        }
    }
}

/// Values that exact does not take.
void add_lowest(Suite& suite, OpKind op) {
    constexpr ConvGeometry kPlace = {2, 17, 4, 5, 5, 3, 3, {1, 1}, {1, 1}, 1};
    add(suite, op, kPlace, {Fill::lowest, 0, 0, Scale::ordinary},
        {{Policy::chain, 1}, {Policy::chain, 8}, {Policy::wrap, 64}, {Policy::saturate, 64}});
}

void add_chains(Suite& suite, OpKind op) {
    constexpr ConvGeometry kPlace = {2, 40, 4, 5, 19, 3, 3, {1, 1}, {1, 1}, 1};
    for (const int headroom : {0, 1, 2}) {
        std::vector<Accumulation> accumulations = {{Policy::exact, 64}, {Policy::wrap, 64}, {Policy::saturate, 64}};
        for (const std::int64_t chain : {1, 3, 8, 64, 256}) accumulations.push_back({Policy::chain, chain});
        add(suite, op, kPlace, {headroom == 1 ? Fill::largest : Fill::bell, headroom, headroom, Scale::ordinary},
            accumulations);
    }
}

void add_scales(Suite& suite, OpKind op) {
    constexpr ConvGeometry kPlace = {2, 5, 4, 5, 7, 3, 3, {1, 1}, {1, 1}, 1};
    for (const Scale scale : {Scale::subnormal, Scale::subnormal_ties, Scale::largest, Scale::smallest}) {
        for (const Fill fill : {Fill::bell, Fill::largest, Fill::one_large}) {
            add(suite, op, kPlace, {fill, scale == Scale::subnormal_ties ? 12 : 2, 2, scale},
                {{Policy::exact, 64}, {Policy::chain, 8}});
        }
        add(suite, op, kPlace, {Fill::uniform, 2, 2, scale}, {{Policy::wrap, 64}});
    }
}

/// FP32 operands: every third geometry, another third in each pass; every class of values in turn.
void add_fma(Suite& suite) {
    std::uint32_t number = kFmaNumbers;
    for (std::size_t pass = 0; pass < kPasses.size(); ++pass) {
        for (std::size_t i = pass; i < std::size(kGeometries); i += kPasses.size()) {
            const OpKind op = kPasses[pass];
            const ConvParams params = params_of(kGeometries[i], {Policy::fma, 64});
            const FmaClass values = fma_classes()[number % fma_classes().size()];
            suite.insert(number++, [=](const CaseRandom& random) { return make(op, params, values, random); });
        }
    }
}

ConvGeometry random_geometry(const CaseRandom& random, std::int64_t largest_channels, std::int64_t largest_size) {
    std::uint64_t draw = 0;
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return random.uniform(kShapeStream, draw++, low, high);
    };
    ConvGeometry g{};
    g.N = pick(1, 4);
    g.groups = pick(0, 3) == 0 ? pick(2, 4) : 1;
    g.C = g.groups * pick(1, largest_channels / g.groups);
    g.K = g.groups * pick(1, largest_channels / g.groups);
    g.R = pick(1, 5);
    g.S = pick(1, 5);
    g.stride = {pick(1, 3), pick(1, 3)};
    g.pad = {pick(0, g.R), pick(0, g.S)};
    g.H = pick(g.R, largest_size);
    g.W = pick(g.S, largest_size);
    return g;
}

/// Cases whose geometry, values and policy are drawn too.
void add_random(Suite& suite, OpKind op, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (int i = 0; i < count; ++i) {
        suite.add([=](const CaseRandom& random) {
            const ConvGeometry geometry = random_geometry(random, largest_channels, largest_size);
            const auto pick = [&](std::uint64_t draw, std::int64_t high) {
                return random.uniform(kShapeStream, 100 + draw, 0, high);
            };
            const auto policy = static_cast<Policy>(pick(0, 3));
            const std::vector<Fill>& fills = symmetric_fills();
            const Fill fill = fills[static_cast<std::size_t>(pick(1, static_cast<std::int64_t>(fills.size()) - 1))];
            const ProductClass values{fill, static_cast<int>(pick(2, 3)), static_cast<int>(pick(3, 3)),
                                      Scale::ordinary};
            return make(op, params_of(geometry, {policy, 1 + pick(4, 99)}), values, random);
        });
    }
}

/// Every convolution of the paper's networks at full size, minibatch 1, in all passes: exact, and every fifth in chains
/// too, on the same inputs.
void add_networks(Suite& suite) {
    constexpr std::size_t kChained = 5;
    constexpr Fill kFills[] = {Fill::bell, Fill::relu, Fill::uniform, Fill::walking_ones, Fill::two_powers};
    std::uint32_t number = kNetworkNumbers;
    for (const NetworkConvolution& convolution : network_convolutions(paper_networks())) {
        for (const OpKind op : kPasses) {
            const ProductClass values{kFills[number % std::size(kFills)], 2, 2, Scale::ordinary};
            std::vector<Accumulation> accumulations = {{Policy::exact, 64}};
            if (number % kChained == 0) accumulations.push_back({Policy::chain, 64});
            for (const Accumulation& accumulation : accumulations) {
                const ConvParams params = params_of(convolution.geometry, accumulation);
                suite.insert(number, [=, layer = convolution.layer](const CaseRandom& random) {
                    Case made = make(op, params, values, random);
                    made.name = layer + "/" + made.name;
                    return made;
                });
            }
            ++number;
        }
    }
}

}  // namespace

Suite conv_suite(int level) {
    Suite suite("conv", SuiteId::conv);
    for (const OpKind op : kPasses) {
        add_geometries(suite, op);
        add_sums(suite, op);
        add_lowest(suite, op);
        add_chains(suite, op);
        add_scales(suite, op);
    }
    add_fma(suite);
    if (level >= 2) {
        for (const OpKind op : kPasses) add_random(suite, op, 200, 48, 14);
        add_networks(suite);
    }
    if (level >= 3) {
        for (const OpKind op : kPasses) add_random(suite, op, 500, 96, 28);
    }
    return suite;
}

}  // namespace dfp16
