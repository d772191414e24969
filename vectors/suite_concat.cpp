#include <algorithm>
#include <cstdint>
#include <numeric>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_exponent, stream_rounding, stream_shape, stream_parts };

using Channels = std::vector<std::int64_t>;

struct Plane {
    std::int64_t N, H, W;
};

/// How the parts' exponents lie to one another.
enum class Exponents {
    equal,     ///< nothing is rounded
    near,      ///< up to 3 apart
    far,       ///< up to 40 apart: some parts vanish
    smallest,  ///< one part with the smallest exponent, as zeros have
    largest,   ///< one part at the largest
};

const char* name_of(Exponents exponents) {
    switch (exponents) {
        case Exponents::equal: return "equal";
        case Exponents::near: return "near";
        case Exponents::far: return "far";
        case Exponents::smallest: return "one-smallest";
        case Exponents::largest: return "one-largest";
    }
    return "?";
}

int exponent_of(Exponents exponents, std::size_t part, std::size_t parts, const CaseRandom& random) {
    const auto base = static_cast<int>(random.uniform(stream_exponent, 0, -40, 20));
    const auto chosen = static_cast<std::size_t>(random.uniform(stream_exponent, 1, 0, static_cast<int>(parts) - 1));
    const auto up_to = [&](int most) { return static_cast<int>(random.uniform(stream_exponent, 2 + part, 0, most)); };
    switch (exponents) {
        case Exponents::equal: return base;
        case Exponents::near: return base + up_to(3);
        case Exponents::far: return base + up_to(40);
        case Exponents::smallest: return part == chosen ? kExponentMin : base + up_to(3);
        case Exponents::largest: return part == chosen ? kExponentMax : kExponentMax - up_to(20);
    }
    return 0;
}

std::string part_names(const Channels& channels) {
    std::string text;
    for (const std::int64_t part : channels) text += (text.empty() ? "c" : "+") + std::to_string(part);
    return text;
}

constexpr MantissaClass kClasses[] = {{Fill::relu, 2},         {Fill::uniform, 0}, {Fill::bell, 2},
                                      {Fill::walking_ones, 0}, {Fill::zeros, 0},   {Fill::largest, 0},
                                      {Fill::extremes, 0},     {Fill::patterns, 0}};

Case make(OpKind op, const Channels& channels, const Plane& plane, std::size_t first_class, Exponents exponents,
          Rounding rounding, const CaseRandom& random) {
    Case made;
    made.op = op;
    made.extent = {plane.N, std::accumulate(channels.begin(), channels.end(), std::int64_t{0}), plane.H, plane.W};
    const bool forward = op == OpKind::concat_forward;
    const RoundingParams params{kHeadroomDefault, rounding, 0};
    made.params =
        ConcatParams{channels, forward ? with_random_stream(made, params, random, stream_rounding) : RoundingParams{}};
    const MantissaClass first = kClasses[first_class % std::size(kClasses)];
    made.name = std::string(name_of(op)) + "/" + part_names(channels) + "-" + made.extent.text() + "/" +
                name_of(first) + "/" + name_of(exponents) + (forward ? "/" + name_of(params) : "");
    std::size_t part = 0;
    const std::vector<Operand> inputs = operands_of(made).inputs;
    for (const Operand& operand : inputs) {
        const MantissaClass values = kClasses[(first_class + part) % std::size(kClasses)];
        const int exponent = exponent_of(exponents, part, inputs.size(), random);
        made.inputs.push_back(
            dfp_tensor(values, operand.shape, exponent, random, stream_parts + static_cast<std::uint32_t>(part)));
        ++part;
    }
    return made;
}

const Channels kChannels[] = {{1},
                              {5},
                              {1, 1},
                              {3, 5},
                              {16, 16},
                              {17, 15},
                              {16, 1, 16},
                              {7, 9, 16, 1},
                              {8, 16, 4, 4},
                              {33, 2, 31},
                              {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};  // x10 comes before x2 in the digest
constexpr Plane kPlanes[] = {{1, 1, 1}, {2, 3, 2}, {1, 4, 5}};

void add_forward(Suite& suite) {
    std::size_t turn = 0;
    for (const Channels& channels : kChannels) {
        for (const Exponents exponents :
             {Exponents::equal, Exponents::near, Exponents::far, Exponents::smallest, Exponents::largest}) {
            for (const Rounding rounding : kAllRoundings) {
                const Plane plane = kPlanes[turn % std::size(kPlanes)];
                const std::size_t first_class = turn++;
                suite.add([=](const CaseRandom& random) {
                    return make(OpKind::concat_forward, channels, plane, first_class, exponents, rounding, random);
                });
            }
        }
    }
}

void add_backward(Suite& suite) {
    std::size_t turn = 0;
    for (const Channels& channels : kChannels) {
        for (const Plane& plane : kPlanes) {
            const auto exponents = turn % 3 == 0   ? Exponents::smallest
                                   : turn % 3 == 1 ? Exponents::largest
                                                   : Exponents::equal;
            const std::size_t first_class = turn++;
            suite.add([=](const CaseRandom& random) {
                return make(OpKind::concat_backward, channels, plane, first_class, exponents, Rounding::nearest_even,
                            random);
            });
        }
    }
}

void add_random(Suite& suite, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (const OpKind op : {OpKind::concat_forward, OpKind::concat_backward}) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape);
                Channels channels(static_cast<std::size_t>(pick(1, 6)));
                for (std::int64_t& part : channels) part = pick(1, largest_channels);
                const std::int64_t N = pick(1, 4);
                const std::int64_t H = pick(1, largest_size);
                const Plane plane{N, H, pick(1, largest_size)};
                const auto first_class = static_cast<std::size_t>(pick(0, 1000));
                const auto exponents = static_cast<Exponents>(pick(0, 4));
                return make(op, channels, plane, first_class, exponents, pick.one_of(kAllRoundings), random);
            });
        }
    }
}

}  // namespace

Suite concat_suite(int level) {
    Suite suite("concat", SuiteId::concat);
    add_forward(suite);
    add_backward(suite);
    if (level >= 2) add_random(suite, 60, 40, 6);
    if (level >= 3) add_random(suite, 100, 200, 12);
    return suite;
}

}  // namespace dfp16
