// The suites: what they must contain, and that data depend on seed and index only.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "reference/compare.h"
#include "sim/accumulate.h"
#include "tests/vectors_helpers.h"
#include "vectors/conv_shapes.h"
#include "vectors/corner_values.h"
#include "vectors/params_json.h"
#include "vectors/product_case.h"

namespace dfp16 {
namespace {

const std::vector<std::string> kSuites = suite_names();

/// Every case of a suite, with golden's outputs.
std::vector<Case> cases_of(const std::string& name) {
    const Suite suite = make_suite(name, 1);
    const auto golden = make_golden_backend(1);
    std::vector<Case> cases;
    for (std::size_t i = 0; i < suite.size(); ++i) {
        cases.push_back(suite.make(i, 1));
        cases.back().outputs = run(cases.back(), *golden);
    }
    return cases;
}

std::size_t count(const std::vector<Case>& cases, const std::function<bool(const Case&)>& wanted) {
    return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), wanted));
}

Accumulation accumulation(const Case& c) {
    if (const auto* gemm = std::get_if<GemmParams>(&c.params)) return gemm->accumulation;
    return std::get<ConvParams>(c.params).accumulation;
}

bool named(const Case& c, const std::string& part) {
    return c.name.find(part) != std::string::npos;
}

TEST(Suites, UnknownNamesAndLevelsAreErrors) {
    EXPECT_EQ(test::error_of([] { make_suite("convs", 1); }),
              "unknown suite 'convs', known: instructions, dfp, gemm, conv, pool, lrn, dropout, concat, batch_norm, "
              "softmax, sgd, steps");
    EXPECT_EQ(test::error_of([] { make_suite("conv", 0); }), "level 0, expected 1 to 3");
    EXPECT_EQ(test::error_of([] { make_suite("conv", 4); }), "level 4, expected 1 to 3");
}

TEST(Suites, DataDependOnSeedAndNumberOnly) {
    for (const std::string& name : kSuites) {
        const Suite suite = make_suite(name, 1);
        std::vector<Case> forward;
        for (std::size_t i = 0; i < suite.size(); ++i) forward.push_back(suite.make(i, 3));
        for (std::size_t i = suite.size(); i-- > 0;) {
            const Case again = make_suite(name, 1).make(i, 3);
            for (std::size_t t = 0; t < again.inputs.size(); ++t)
                ASSERT_FALSE(compare(forward[i].inputs[t], again.inputs[t]));
            i -= std::min<std::size_t>(i, 16);
        }
    }
}

TEST(Suites, HigherLevelsBeginWithTheLower) {
    for (const std::string& name : kSuites) {
        const Suite low = make_suite(name, 1);
        const Suite high = make_suite(name, 2);
        EXPECT_GT(high.size(), low.size());
        EXPECT_GT(make_suite(name, 3).size(), high.size());
        for (std::size_t i = 0; i < low.size(); i += 13) {
            const Case a = low.make(i, 5);
            const Case b = high.make(i, 5);
            EXPECT_EQ(a.name, b.name);
            for (std::size_t t = 0; t < a.inputs.size(); ++t) ASSERT_FALSE(compare(a.inputs[t], b.inputs[t]));
        }
    }
}

/// Which cases of suite conv, level 2 and above, are the networks'.
struct Range {
    std::size_t begin, end;
};
Range network_cases() {
    const std::size_t level_one = make_suite("conv", 1).size();
    return {level_one + 600, make_suite("conv", 2).size()};
}

TEST(Suites, RandomCasesOfHigherLevelsAreValid) {
    const Range large = network_cases();
    for (const std::string& name : kSuites) {
        const Suite low = make_suite(name, 1);
        const Suite high = make_suite(name, 3);
        for (std::size_t i = low.size(); i < high.size(); i += 7) {
            if (name == "conv" && i >= large.begin && i < large.end) continue;
            const Case drawn = high.make(i, 11);
            validate(graph_of(drawn));
            EXPECT_FALSE(drawn.name.empty());
        }
    }
}

TEST(Suites, NamesAreUniqueWithinALevel) {
    for (const std::string& name : kSuites) {
        std::set<std::string> seen;
        for (const Case& c : cases_of(name)) EXPECT_TRUE(seen.insert(c.name).second) << c.name;
    }
}

TEST(Suites, ParamsSurviveJson) {
    for (const std::string& name : kSuites) {
        for (const Case& c : cases_of(name)) {
            CaseHeader read;
            read.op = c.op;
            params_from_json(params_to_json(c), read);
            EXPECT_EQ(params_to_json(read), params_to_json(c));
            EXPECT_EQ(read.params, c.params);
            EXPECT_EQ(read.extent, c.extent);
        }
    }
}

TEST(ConvSuite, HasFiftyCasesAPassOfEveryKind) {
    const std::vector<Case> cases = cases_of("conv");
    for (const OpKind op : {OpKind::conv_forward, OpKind::conv_backward_data, OpKind::conv_weight_gradient}) {
        SCOPED_TRACE(name_of(op));
        const auto with = [&](const std::function<bool(const ConvParams&)>& wanted) {
            return count(cases, [&](const Case& c) { return c.op == op && wanted(std::get<ConvParams>(c.params)); });
        };
        EXPECT_GE(with([](const ConvParams&) { return true; }), 50u);
        EXPECT_GE(with([](const ConvParams& p) { return p.stride[0] > 1; }), 10u);
        EXPECT_GE(with([](const ConvParams& p) { return p.stride[0] != p.stride[1]; }), 2u);
        EXPECT_GE(with([](const ConvParams& p) { return p.stride[0] > p.R && p.stride[1] > p.S; }), 2u);
        EXPECT_GE(with([](const ConvParams& p) { return p.groups > 1 && p.groups < p.C; }), 4u);
        EXPECT_GE(with([](const ConvParams& p) { return p.groups > 1 && p.groups == p.C; }), 4u);
        EXPECT_GE(with([](const ConvParams& p) { return p.pad[0] == 0 && p.pad[1] == 0; }), 10u);
        EXPECT_GE(with([](const ConvParams& p) { return p.pad[0] > 0 && p.H == p.P; }), 10u);
        EXPECT_GE(with([](const ConvParams& p) { return p.pad[0] >= p.R; }), 2u);
        for (const std::int64_t channels : {1, 3, 5, 15, 17, 19, 31, 33}) {
            EXPECT_GE(with([&](const ConvParams& p) { return p.C == channels; }), 2u) << "C " << channels;
            EXPECT_GE(with([&](const ConvParams& p) { return p.K == channels || channels == 15; }), 2u)
                << "K " << channels;
        }
        for (const auto& [R, S] : {std::pair{1, 1}, {3, 3}, {5, 5}, {7, 7}, {1, 7}, {7, 1}}) {
            EXPECT_GE(with([r = R, s = S](const ConvParams& p) { return p.R == r && p.S == s; }), 2u) << R << "x" << S;
        }
        EXPECT_GE(with([](const ConvParams& p) { return p.R == 11 && p.stride[0] == 4; }), 2u);
        for (const Policy policy : {Policy::exact, Policy::chain, Policy::wrap, Policy::saturate}) {
            EXPECT_GE(with([&](const ConvParams& p) { return p.accumulation.policy == policy; }), 20u);
        }
        for (const std::int64_t chain : {1, 3, 8, 64, 256}) {
            EXPECT_GE(with([&](const ConvParams& p) {
                          return p.accumulation == Accumulation{Policy::chain, chain};
                      }),
                      3u)
                << chain;
        }
    }
}

TEST(ConvSuite, CasesAreSmall) {
    for (const Case& c : cases_of("conv")) EXPECT_LE(c.outputs[0].elements(), 25'000) << c.name;
}

TEST(Suites, WrapAndExactDifferOnTheSameInputs) {
    for (const std::string name : {"gemm", "conv"}) {
        const std::vector<Case> cases = cases_of(name);
        std::map<OpKind, int> pairs;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (accumulation(cases[i]).policy != Policy::wrap) continue;
            for (std::size_t j = i; j-- > 0;) {
                if (accumulation(cases[j]).policy != Policy::exact || cases[j].op != cases[i].op) continue;
                if (compare(cases[i].inputs[0], cases[j].inputs[0]) || compare(cases[i].inputs[1], cases[j].inputs[1]))
                    break;
                const int k = cases[i].outputs[0].exponent.value;
                std::int64_t differ = 0;
                for (std::size_t e = 0; e < cases[i].outputs[0].accumulators().size(); ++e) {
                    const float wrapped = scale_exact(cases[i].outputs[0].accumulators()[e].value, k);
                    differ += wrapped != cases[j].outputs[0].fp32()[e];
                }
                pairs[cases[i].op] += differ > 0;
                break;
            }
        }
        EXPECT_EQ(pairs.size(), name == std::string("conv") ? 3u : 1u);
        for (const auto& [op, number] : pairs) EXPECT_GE(number, 5) << name_of(op);
    }
}

TEST(Suites, TargetedSumsHitTheirTargets) {
    constexpr std::int64_t kEdge = std::int64_t{1} << 31;
    const std::pair<const char*, std::int64_t> targets[] = {
        {"sum-under-2^31", kEdge - 1}, {"sum-at-2^31", kEdge}, {"sum-over-2^31", kEdge + 1}};
    for (const std::string name : {"gemm", "conv"}) {
        const std::vector<Case> cases = cases_of(name);
        for (const auto& [part, target] : targets) {
            std::map<OpKind, int> hits;
            for (const Case& c : cases) {
                if (!named(c, part) || accumulation(c).policy != Policy::wrap) continue;
                const auto wrapped = static_cast<std::int32_t>(static_cast<std::uint32_t>(target));
                const auto negated = static_cast<std::int32_t>(static_cast<std::uint32_t>(-target));
                for (const Accumulator sum : c.outputs[0].accumulators())
                    hits[c.op] += sum.value == wrapped || sum.value == negated;
            }
            EXPECT_EQ(hits.size(), name == std::string("conv") ? 3u : 1u) << part;
            for (const auto& [op, number] : hits) EXPECT_GE(number, 20) << part << " " << name_of(op);
        }
    }
}

TEST(Suites, SaturationDiffersFromClampingTheSum) {
    // An overflow that cancels later: the exact sum is small, the saturated one is not.
    for (const std::string name : {"gemm", "conv"}) {
        std::map<OpKind, int> hits;
        for (const Case& c : cases_of(name)) {
            if (!named(c, "cancels-later") || accumulation(c).policy != Policy::saturate) continue;
            for (const Accumulator sum : c.outputs[0].accumulators())
                hits[c.op] += std::abs(std::int64_t{sum.value}) > 1'000'000;
        }
        EXPECT_EQ(hits.size(), name == std::string("conv") ? 3u : 1u);
        for (const auto& [op, number] : hits) EXPECT_GE(number, 20) << name_of(op);
    }
}

TEST(Suites, ResultsReachTheEndsOfFp32) {
    for (const std::string name : {"gemm", "conv"}) {
        int subnormal = 0;
        int huge = 0;
        int minus_zero = 0;
        for (const Case& c : cases_of(name)) {
            if (c.outputs[0].type() != ElementType::fp32) continue;
            for (std::int64_t i = 0; i < c.outputs[0].elements(); ++i) {
                const std::uint32_t bits = c.outputs[0].bits(i);
                const std::uint32_t exponent = bits >> 23 & 0xFF;
                subnormal += exponent == 0 && (bits & 0x7FFFFFu) != 0;
                huge += exponent == 254;
                minus_zero += bits == 0x80000000u;
            }
        }
        EXPECT_GT(subnormal, 100) << name;
        EXPECT_GT(huge, 100) << name;
        EXPECT_GT(minus_zero, 100) << name;
    }
}

TEST(Suites, FmaHasEveryClassInEveryOperation) {
    for (const std::string name : {"gemm", "conv"}) {
        std::map<OpKind, std::set<std::string>> classes;
        for (const Case& c : cases_of(name)) {
            if (accumulation(c).policy != Policy::fma) continue;
            EXPECT_EQ(c.inputs[0].type(), ElementType::fp32);
            for (const FmaClass& values : fma_classes())
                if (named(c, "/" + name_of(values) + "/fma")) classes[c.op].insert(name_of(values));
        }
        EXPECT_EQ(classes.size(), name == std::string("conv") ? 3u : 1u);
        for (const auto& [op, found] : classes) EXPECT_EQ(found.size(), fma_classes().size()) << name_of(op);
    }
}

TEST(Suites, LaterCasesLeaveTheDataOfTheOthers) {
    // The data of a case have its number among the cases that are counted.
    const Suite gemm = make_suite("gemm", 2);
    const std::size_t first_drawn = make_suite("gemm", 1).size();
    const Case drawn = gemm.make(first_drawn, 1);
    const CaseRandom random{1, SuiteId::gemm, 267};
    EXPECT_EQ(std::get<GemmParams>(drawn.params).M, random.uniform(3, 0, 1, 40));
}

// --- The convolutions of the paper's networks.

TEST(NetworkConvolutions, AreAllOfTheNetworksAndOnce) {
    const std::vector<NetworkConvolution> found = network_convolutions(paper_networks());
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_FALSE(found[i].geometry == found[j].geometry) << found[i].layer << " " << found[j].layer;
    }
    for (const Network& network : paper_networks()) {
        for (const ResolvedLayer& layer : resolve(network, 1)) {
            if (layer.layer->type != LayerType::conv) continue;
            const auto same = [&](const NetworkConvolution& c) {
                const ConvParams p = params_of(c.geometry, {});
                return Shape{p.N, p.C, p.H, p.W} == layer.input && Shape{p.N, p.K, p.P, p.Q} == layer.output &&
                       p.stride == layer.layer->stride && p.pad == layer.layer->pad && p.R == layer.layer->kernel[0] &&
                       p.S == layer.layer->kernel[1] && p.groups == layer.layer->groups;
            };
            EXPECT_EQ(std::count_if(found.begin(), found.end(), same), 1) << network.name << "/" << layer.layer->name;
        }
    }
}

TEST(NetworkConvolutions, HoldWhatTheNetworksAreKnownFor) {
    const std::vector<NetworkConvolution> found = network_convolutions(paper_networks());
    const auto has = [&](const ConvGeometry& geometry) {
        return std::any_of(found.begin(), found.end(),
                           [&](const NetworkConvolution& c) { return c.geometry == geometry; });
    };
    EXPECT_TRUE(has({1, 3, 224, 224, 64, 7, 7, {2, 2}, {3, 3}, 1})) << "conv1 of ResNet-50 and GoogLeNet";
    EXPECT_TRUE(has({1, 3, 227, 227, 96, 11, 11, {4, 4}, {0, 0}, 1})) << "conv1 of AlexNet";
    EXPECT_TRUE(has({1, 96, 27, 27, 256, 5, 5, {1, 1}, {2, 2}, 2})) << "conv2 of AlexNet";
    EXPECT_TRUE(has({1, 64, 224, 224, 64, 3, 3, {1, 1}, {1, 1}, 1})) << "conv1_2 of VGG-16";
    EXPECT_TRUE(has({1, 16, 28, 28, 32, 5, 5, {1, 1}, {2, 2}, 1})) << "inception 3a of GoogLeNet";
    EXPECT_TRUE(has({1, 256, 56, 56, 128, 1, 1, {2, 2}, {0, 0}, 1})) << "ResNet-50 strides in the first 1x1";
    EXPECT_TRUE(has({1, 128, 56, 56, 128, 3, 3, {2, 2}, {1, 1}, 1})) << "ResNet-50 v1.5 in the 3x3";
}

TEST(NetworkConvolutions, AreLevelTwoInEveryPass) {
    const std::vector<NetworkConvolution> found = network_convolutions(paper_networks());
    const Range range = network_cases();
    EXPECT_GE(range.end - range.begin, 3 * found.size() + found.size() / 2) << "exact, and a spread of chains";
    // Data are made for the first, which is small enough; the others' shapes are those of the list.
    const Suite suite = make_suite("conv", 2);
    const Case first = suite.make(range.begin, 1);
    EXPECT_EQ(first.name.find(found[0].layer + "/forward/"), 0u) << first.name;
    EXPECT_EQ(std::get<ConvParams>(first.params), params_of(found[0].geometry, {Policy::exact, 64}));
    validate(graph_of(first));
}

// --- The suites of layers.

TEST(PoolSuite, HasEverySizeAndWindow) {
    const std::vector<Case> cases = cases_of("pool");
    for (const OpKind op : {OpKind::max_pool_forward, OpKind::max_pool_backward, OpKind::average_pool_forward,
                            OpKind::average_pool_backward}) {
        SCOPED_TRACE(name_of(op));
        const auto with = [&](const std::function<bool(const PoolParams&)>& wanted) {
            return count(cases, [&](const Case& c) { return c.op == op && wanted(std::get<PoolParams>(c.params)); });
        };
        const auto ceil = [](const PoolParams& p) { return p.size == SizeRounding::ceil; };
        EXPECT_GE(with([&](const PoolParams& p) { return ceil(p); }), 10u);
        EXPECT_GE(with([&](const PoolParams& p) { return !ceil(p); }), 10u);
        EXPECT_GE(
            with([&](const PoolParams& p) { return ceil(p) && p.P > output_size(p.H, p.R, p.stride[0], p.pad[0]); }),
            4u)
            << "the last window is clipped";
        EXPECT_GE(with([&](const PoolParams& p) { return ceil(p) && p.R > p.H + 2 * p.pad[0]; }), 2u);
        EXPECT_GE(with([](const PoolParams& p) { return p.P == 1 && p.Q == 1 && p.R == p.H && p.S == p.W; }), 2u);
        EXPECT_GE(with([](const PoolParams& p) { return p.stride[0] < p.R; }), 10u) << "overlapping";
        EXPECT_GE(with([](const PoolParams& p) { return p.stride[0] > p.R; }), 2u);
        EXPECT_GE(with([](const PoolParams& p) { return p.pad[0] > 0; }), 6u);
        EXPECT_GE(with([](const PoolParams& p) { return p.R != p.S || p.stride[0] != p.stride[1]; }), 4u);
    }
    EXPECT_GE(count(cases,
                    [](const Case& c) {
                        const auto* p = std::get_if<PoolParams>(&c.params);
                        // ceil, and yet one less than rounding up: the last window would start in the padding behind
                        return p != nullptr && p->size == SizeRounding::ceil &&
                               p->P < (p->H + 2 * p->pad[0] - p->R + p->stride[0] - 1) / p->stride[0] + 1;
                    }),
              4u);
    std::set<Rounding> roundings;
    for (const Case& c : cases)
        if (c.op == OpKind::max_pool_backward) roundings.insert(std::get<PoolParams>(c.params).rounding.rounding);
    EXPECT_EQ(roundings.size(), 3u);
}

TEST(LrnSuite, ReachesItsCorners) {
    int wider_than_channels = 0;
    std::set<std::int64_t> sizes;
    for (const Case& c : cases_of("lrn")) {
        const auto& p = std::get<LrnParams>(c.params);
        sizes.insert(p.size);
        wider_than_channels += p.size > c.extent[1];
    }
    EXPECT_EQ(sizes, (std::set<std::int64_t>{1, 3, 5, 7, 9}));
    EXPECT_GE(wider_than_channels, 4);
}

TEST(DropoutSuite, HasWordsThatAreTheRate) {
    int found = 0;
    for (const Case& c : cases_of("dropout")) {
        if (!named(c, "rate-of-a-word")) continue;
        const auto& p = std::get<DropoutParams>(c.params);
        const RandomStream words{c.context.seed, c.context.step, Purpose::dropout, p.tensor};
        for (std::int64_t i = 0; i < c.inputs[0].elements(); ++i) {
            found += std::ldexp(static_cast<double>(words.word(static_cast<std::uint64_t>(i))), -32) ==
                     static_cast<double>(p.rate);
        }
    }
    EXPECT_GE(found, 2);
}

TEST(DropoutSuite, DropsNothingSomeAndAlmostAll) {
    const std::vector<Case> cases = cases_of("dropout");
    for (const OpKind op : {OpKind::dropout_forward, OpKind::dropout_backward}) {
        std::map<float, int> rates;
        for (const Case& c : cases) {
            if (!named(c, "rate-of-a-word")) rates[std::get<DropoutParams>(c.params).rate] += c.op == op;
        }
        EXPECT_EQ(rates.size(), 8u);
        for (const auto& [rate, number] : rates) EXPECT_GE(number, 8) << rate;
    }
    for (const Case& c : cases) {
        if (c.op != OpKind::dropout_forward || c.extent != Shape{1000} || !named(c, "rate-half")) continue;
        std::int64_t kept = 0;
        for (const float y : c.outputs[0].fp32()) kept += y != 0.0f;
        EXPECT_NEAR(static_cast<double>(kept), 500.0, 80.0) << c.name;
    }
}

TEST(ConcatSuite, HasGapsAndManyParts) {
    std::size_t most = 0;
    std::set<int> gaps;
    for (const Case& c : cases_of("concat")) {
        most = std::max(most, std::get<ConcatParams>(c.params).channels.size());
        if (c.op == OpKind::concat_forward && c.inputs.size() == 2)
            gaps.insert(std::abs(c.inputs[0].exponent.value - c.inputs[1].exponent.value));
    }
    EXPECT_GT(most, 10u);
    EXPECT_TRUE(gaps.contains(0));
    EXPECT_GT(gaps.size(), 6u);
    EXPECT_GT(*gaps.rbegin(), 100);
}

TEST(BatchNormSuite, HasOneImageOnePixelAndNoVariance) {
    const std::vector<Case> cases = cases_of("batch_norm");
    EXPECT_GE(count(cases, [](const Case& c) { return c.extent == Shape{1, 1, 1, 1}; }), 10u);
    EXPECT_GE(count(cases, [](const Case& c) { return c.extent.rank() == 2; }), 10u);
    for (const OpKind op : {OpKind::batch_norm_forward, OpKind::batch_norm_inference, OpKind::batch_norm_backward}) {
        EXPECT_GE(count(cases, [&](const Case& c) { return c.op == op; }), 50u);
    }
    EXPECT_GE(count(cases, [](const Case& c) { return named(c, "/constant/"); }), 10u);
}

TEST(SoftmaxSuite, HasCertaintyVanishingProbabilitiesAndWeights) {
    const std::vector<Case> cases = cases_of("softmax");
    std::set<float> weights;
    int zero = 0;
    int one = 0;
    int near_edge = 0;
    for (const Case& c : cases) {
        if (const auto* loss = std::get_if<LossParams>(&c.params)) weights.insert(loss->weight);
        if (c.op != OpKind::softmax_forward) continue;
        for (const float p : c.outputs[0].fp32()) {
            zero += p == 0.0f;
            one += p == 1.0f;
            near_edge += p > 0.0f && p < 2e-38f;
        }
    }
    EXPECT_GE(weights.size(), 5u);
    EXPECT_GT(zero, 100);
    EXPECT_GT(one, 10);
    EXPECT_GT(near_edge, 100);
}

TEST(SgdSuite, HasStepsThatChangeNothingAndSubnormals) {
    const std::vector<Case> cases = cases_of("sgd");
    EXPECT_GE(count(cases, [](const Case& c) { return c.context.learning_rate == 0.0f; }), 10u);
    EXPECT_GE(count(cases, [](const Case& c) { return named(c, "/subnormal/"); }), 10u);
    int minus_zero = 0;
    for (const Case& c : cases)
        for (std::int64_t i = 0; i < c.outputs[1].elements(); ++i) minus_zero += c.outputs[1].bits(i) == 0x80000000u;
    EXPECT_GT(minus_zero, 10);
}

TEST(DfpSuite, HasItsCorners) {
    const std::vector<Case> cases = cases_of("dfp");
    for (const char* part : {"dequantize/all-mantissas", "quantize/subnormal", "quantize/zeros", "quantize/ties",
                             "quantize/below-power", "add/cancels-to-zero", "add/gap236", "down_convert/lowest",
                             "down_convert/ties-shift9", "below-smallest-exponent", "multiply/bell-largest-exponent"}) {
        EXPECT_GT(count(cases, [&](const Case& c) { return named(c, part); }), 0u) << part;
    }
    std::set<int> gaps[2];
    for (const Case& c : cases) {
        if (c.op != OpKind::add) continue;
        const int gap = c.inputs[0].exponent.value - c.inputs[1].exponent.value;
        gaps[gap < 0].insert(std::abs(gap));
    }
    for (int gap = 1; gap <= 40; ++gap) EXPECT_TRUE(gaps[0].contains(gap) && gaps[1].contains(gap)) << gap;
    int lowest = 0;
    for (const Case& c : cases) {
        if (c.op != OpKind::down_convert) continue;
        for (const Accumulator v : c.inputs[0].accumulators()) lowest += v.value == INT32_MIN;
    }
    EXPECT_GT(lowest, 100);
}

TEST(DfpSuite, DequantizesEveryMantissa) {
    for (const Case& c : cases_of("dfp")) {
        if (c.op != OpKind::dequantize || c.inputs[0].exponent.value == kExponentMax) continue;
        std::set<std::int16_t> seen;
        for (const Mantissa m : c.inputs[0].mantissas()) seen.insert(m.value);
        EXPECT_EQ(seen.size(), 65536u);
    }
}

TEST(InstructionSuite, HasEveryFormAndTheCornerOfVpdpwssds) {
    const std::vector<Case> cases = cases_of("instructions");
    for (const OpKind op :
         {OpKind::vpmaddwd, OpKind::vpdpwssd, OpKind::vpdpwssds, OpKind::vp4dpwssd, OpKind::vp4dpwssds}) {
        const bool four = op == OpKind::vp4dpwssd || op == OpKind::vp4dpwssds;
        for (const int width : {128, 256, 512}) {
            for (const Masking masking : {Masking::none, Masking::merge, Masking::zero}) {
                const std::size_t found = count(cases, [&](const Case& c) {
                    return c.op == op && std::get<InstructionParams>(c.params) == InstructionParams{width, masking};
                });
                EXPECT_EQ(found >= 4, !four || width == 512) << name_of(op) << " " << width;
            }
        }
    }
    int corner = 0;  // acc = -1, (-32768 * -32768) * 2: 0x7fffffff without saturation
    for (const Case& c : cases) {
        if (c.op != OpKind::vpdpwssds) continue;
        for (std::size_t lane = 0; lane < c.outputs[0].accumulators().size(); ++lane) {
            const auto& a = c.inputs[0].mantissas();
            const auto& b = c.inputs[1].mantissas();
            const bool lowest = a[2 * lane].value == -32768 && a[2 * lane + 1].value == -32768 &&
                                b[2 * lane].value == -32768 && b[2 * lane + 1].value == -32768;
            corner += lowest && c.inputs[2].accumulators()[lane].value == -1;
        }
    }
    EXPECT_GT(corner, 0);
}

TEST(CornerValues, AreSymmetricAndComplete) {
    for (const int bits : {1, 3, 15, 31}) {
        const std::int64_t limit = (std::int64_t{1} << bits) - 1;
        for (const CornerClass corner : {CornerClass::walking_ones, CornerClass::walking_zeros, CornerClass::extremes,
                                         CornerClass::two_powers, CornerClass::patterns}) {
            const std::vector<std::int64_t> values = corner_values(corner, bits, false);
            const std::set<std::int64_t> set(values.begin(), values.end());
            EXPECT_EQ(set.size(), values.size());
            for (const std::int64_t value : values) {
                EXPECT_TRUE(set.contains(-value)) << name_of(corner) << " " << value;
                EXPECT_LE(std::abs(value), limit);
            }
        }
        const std::vector<std::int64_t> ones = corner_values(CornerClass::walking_ones, bits, true);
        for (int i = 0; i < bits; ++i) EXPECT_NE(std::find(ones.begin(), ones.end(), std::int64_t{1} << i), ones.end());
        EXPECT_EQ(ones.front(), -limit - 1);
    }
}

}  // namespace
}  // namespace dfp16
