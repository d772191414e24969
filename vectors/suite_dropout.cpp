#include <cmath>
#include <cstdint>
#include <limits>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_x, stream_exponent, stream_words, stream_shape };

constexpr OpKind kOps[] = {OpKind::dropout_forward, OpKind::dropout_backward};

struct Rate {
    const char* name;
    float value;
};

const Rate kRates[] = {
    {"half", 0.5f},
    {"0.4", 0.4f},
    {"0.7", 0.7f},
    {"none", 0.0f},
    {"least-word", 0x1p-32f},         // drops the word 0 only
    {"below-least-word", 0x1p-33f},   // drops nothing
    {"almost-all", 1.0f - 0x1p-24f},  // keeps the last 256 words; scales by 2^24
    {"subnormal", 0x1p-149f},
};

enum class Scale { ordinary, smallest, largest };

int exponent_of(Scale scale, float rate, const CaseRandom& random) {
    switch (scale) {
        case Scale::ordinary: return static_cast<int>(random.uniform(stream_exponent, 0, -40, 40));
        case Scale::smallest: return kExponentMin;
        case Scale::largest: return 112 - std::ilogb(1.0f / (1.0f - rate));
    }
    return 0;
}

Case make(OpKind op, const Shape& shape, const MantissaClass& values, const Rate& rate, Scale scale,
          const CaseRandom& random) {
    Case made;
    made.op = op;
    made.extent = shape;
    made.params = DropoutParams{rate.value, draw_random_stream(made, random, stream_words)};
    made.name = std::string(name_of(op)) + "/" + shape.text() + "/rate-" + rate.name + "/" + name_of(values) +
                (scale == Scale::ordinary   ? ""
                 : scale == Scale::smallest ? "/smallest-exponent"
                                            : "/largest-exponent");
    made.inputs = {dfp_tensor(values, shape, exponent_of(scale, rate.value, random), random, stream_x)};
    return made;
}

constexpr MantissaClass kClasses[] = {{Fill::uniform, 2}, {Fill::relu, 2},  {Fill::extremes, 0}, {Fill::bell, 1},
                                      {Fill::largest, 0}, {Fill::zeros, 0}, {Fill::lowest, 0}};

/// Lengths on both sides of the four lanes of a Philox block, and tensors of every rank.
void add_rates(Suite& suite) {
    const Shape shapes[] = {{1}, {3}, {4}, {5}, {2, 17}, {2, 3, 5, 7}, {1, 33, 3, 3}, {1000}};
    std::size_t turn = 0;
    for (const OpKind op : kOps) {
        for (const Shape& shape : shapes) {
            for (const Rate& rate : kRates) {
                const MantissaClass values = kClasses[turn++ % std::size(kClasses)];
                suite.add(
                    [=](const CaseRandom& random) { return make(op, shape, values, rate, Scale::ordinary, random); });
            }
        }
        for (const Rate& rate : kRates) {
            for (const Scale scale : {Scale::smallest, Scale::largest}) {
                suite.add([=](const CaseRandom& random) {
                    return make(op, {70}, {Fill::extremes, 0}, rate, scale, random);
                });
            }
        }
    }
}

/// The ends of the numbers that choose the words.
void add_streams(Suite& suite) {
    struct Words {
        const char* name;
        std::uint64_t seed;
        std::uint32_t step, tensor;
    };
    using Step = std::numeric_limits<std::uint32_t>;
    using Seed = std::numeric_limits<std::uint64_t>;
    for (const Words words : {Words{"zeros", 0, 0, 0}, Words{"largest", Seed::max(), Step::max(), (1u << 24) - 1},
                              Words{"high-seed", std::uint64_t{1} << 32, 0, 1}}) {
        for (const OpKind op : kOps) {
            suite.add([=](const CaseRandom& random) {
                Case made = make(op, {4, 9, 3, 3}, {Fill::uniform, 2}, kRates[0], Scale::ordinary, random);
                made.context.seed = words.seed;
                made.context.step = words.step;
                std::get<DropoutParams>(made.params).tensor = words.tensor;
                made.name += std::string("/words-of-") + words.name;
                return made;
            });
        }
    }
}

/// The rate is just one of the tensor's words: the element that draws it is kept.
void add_rate_of_a_word(Suite& suite) {
    std::uint32_t number = kMutantNumbers;
    for (const OpKind op : kOps) {
        suite.insert(number++, [=](const CaseRandom& random) {
            constexpr std::int64_t kElements = 1000;  // one in fifty words is an FP32 number
            Case made = make(op, {kElements}, {Fill::uniform, 2}, {"of-a-word", 0.5f}, Scale::ordinary, random);
            auto& params = std::get<DropoutParams>(made.params);
            const RandomStream words{made.context.seed, made.context.step, Purpose::dropout, params.tensor};
            for (std::uint64_t i = 0; i < kElements; ++i) {
                const auto rate = static_cast<float>(words.word(i));
                if (static_cast<double>(rate) != static_cast<double>(words.word(i))) continue;
                params.rate = std::ldexp(rate, -32);
                if (rate > 0x1p30f) break;
            }
            return made;
        });
    }
}

void add_random(Suite& suite, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (const OpKind op : kOps) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape);
                const std::int64_t N = pick(1, 4);
                const std::int64_t C = pick(1, largest_channels);
                const std::int64_t H = pick(1, largest_size);
                const Shape shape = {N, C, H, pick(1, largest_size)};
                const Rate rate{"drawn", std::ldexp(static_cast<float>(pick(0, (1 << 24) - 1)), -24)};
                return make(op, shape, pick.one_of(kClasses), rate, Scale::ordinary, random);
            });
        }
    }
}

}  // namespace

Suite dropout_suite(int level) {
    Suite suite("dropout", SuiteId::dropout);
    add_rates(suite);
    add_streams(suite);
    add_rate_of_a_word(suite);
    if (level >= 2) add_random(suite, 50, 60, 10);
    if (level >= 3) add_random(suite, 100, 200, 20);
    return suite;
}

}  // namespace dfp16
