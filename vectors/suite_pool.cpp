#include <array>
#include <bit>
#include <cstdint>

#include "vectors/layer_case.h"
#include "vectors/names.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_x, stream_dy, stream_exponent, stream_rounding, stream_shape };

constexpr std::array kOps = {OpKind::max_pool_forward, OpKind::max_pool_backward, OpKind::average_pool_forward,
                             OpKind::average_pool_backward};

bool is_max(OpKind op) {
    return op == OpKind::max_pool_forward || op == OpKind::max_pool_backward;
}

struct Geometry {
    std::int64_t N, C, H, W, R, S;
    std::array<std::int64_t, 2> stride, pad;
    SizeRounding size;
};

constexpr SizeRounding kFloor = SizeRounding::floor;
constexpr SizeRounding kCeil = SizeRounding::ceil;

constexpr Geometry kGeometries[] = {
    {2, 3, 6, 6, 2, 2, {2, 2}, {0, 0}, kFloor},   {1, 17, 7, 5, 2, 2, {2, 2}, {0, 0}, kFloor},
    {1, 17, 7, 5, 2, 2, {2, 2}, {0, 0}, kCeil},   {2, 16, 13, 13, 3, 3, {2, 2}, {0, 0}, kFloor},  // AlexNet
    {1, 5, 14, 14, 3, 3, {2, 2}, {0, 0}, kFloor}, {1, 5, 14, 14, 3, 3, {2, 2}, {0, 0}, kCeil},    // GoogLeNet
    {2, 4, 12, 12, 3, 3, {2, 2}, {1, 1}, kFloor},                                                 // ResNet-50
    {1, 33, 5, 6, 3, 3, {1, 1}, {1, 1}, kFloor},  {1, 3, 6, 5, 3, 3, {1, 1}, {1, 1}, kCeil},
    {3, 18, 7, 7, 7, 7, {1, 1}, {0, 0}, kFloor},  {1, 2, 4, 9, 4, 9, {3, 2}, {0, 0}, kCeil},  // global
    {2, 3, 14, 14, 5, 5, {3, 3}, {0, 0}, kFloor}, {2, 3, 13, 14, 5, 5, {3, 3}, {0, 0}, kCeil},
    {1, 4, 9, 8, 2, 2, {3, 3}, {0, 0}, kFloor},   {1, 4, 9, 8, 2, 2, {3, 3}, {0, 0}, kCeil},  // gaps
    {1, 3, 8, 11, 2, 5, {1, 3}, {1, 2}, kFloor},  {1, 3, 8, 11, 2, 5, {3, 2}, {1, 4}, kCeil},
    {1, 2, 2, 3, 5, 7, {2, 2}, {0, 0}, kCeil},    {1, 2, 3, 2, 5, 5, {1, 1}, {1, 0}, kCeil},  // larger than the input
    {1, 3, 2, 2, 2, 2, {3, 3}, {1, 1}, kCeil},    {2, 1, 1, 1, 1, 1, {1, 1}, {0, 0}, kFloor},
    {1, 1, 5, 5, 4, 4, {3, 3}, {2, 2}, kCeil},    {1, 2, 3, 3, 2, 2, {1, 1}, {3, 2}, kFloor},  // windows of padding
    {1, 2, 3, 4, 2, 3, {2, 2}, {2, 4}, kCeil},
};

PoolParams params_of(const Geometry& g) {
    PoolParams p{g.N, g.C, g.H, g.W, g.R, g.S, 0, 0, g.stride, g.pad, {}, g.size};
    p.P = pooled_size(g.H, g.R, g.stride[0], g.pad[0], g.size);
    p.Q = pooled_size(g.W, g.S, g.stride[1], g.pad[1], g.size);
    return p;
}

/// Max pooling has an element in every window.
bool takes(OpKind op, const Geometry& g) {
    return !is_max(op) || (g.pad[0] < g.R && g.pad[1] < g.S);
}

/// "n2c16-13x13-3x3-stride2x2-pad1x1-ceil"
std::string geometry_name(const PoolParams& p) {
    const auto pair = [](std::int64_t h, std::int64_t w) { return std::to_string(h) + "x" + std::to_string(w); };
    return "n" + std::to_string(p.N) + "c" + std::to_string(p.C) + "-" + pair(p.H, p.W) + "-" + pair(p.R, p.S) +
           "-stride" + pair(p.stride[0], p.stride[1]) + "-pad" + pair(p.pad[0], p.pad[1]) + "-" + name_of(p.size);
}

enum class Scale { ordinary, smallest, largest };

const char* name_of(Scale scale) {
    switch (scale) {
        case Scale::ordinary: return "";
        case Scale::smallest: return "/smallest-exponent";
        case Scale::largest: return "/largest-exponent";
    }
    return "?";
}

/// No sum of a window leaves FP32, none of its down-conversions the exponents.
int exponent_of(const PoolParams& p, Scale scale, const CaseRandom& random) {
    const int sum_bits = 15 + std::bit_width(static_cast<std::uint64_t>(p.R * p.S));
    switch (scale) {
        case Scale::ordinary: return static_cast<int>(random.uniform(stream_exponent, 0, -40, 40));
        case Scale::smallest: return kExponentMin;
        case Scale::largest: return kExponentMax - (sum_bits - (15 - p.rounding.headroom));
    }
    return 0;
}

struct Class {
    MantissaClass values;
    RoundingParams rounding{};
    Scale scale = Scale::ordinary;
};

Case make(OpKind op, const Geometry& geometry, const Class& c, const CaseRandom& random) {
    Case made;
    made.op = op;
    PoolParams params = params_of(geometry);
    const bool rounds = op == OpKind::max_pool_backward;
    if (rounds) params.rounding = with_random_stream(made, c.rounding, random, stream_rounding);
    made.params = params;
    made.name = std::string(name_of(op)) + "/" + geometry_name(params) + "/" + name_of(c.values) +
                (rounds ? "/" + name_of(c.rounding) : "") + name_of(c.scale);
    for (const Operand& operand : operands_of(made).inputs) {
        const bool gradient = operand.name == "dy";
        // Values of dy beside an x of one class are uniform: the windows of zeros still pass something on.
        const MantissaClass values =
            gradient && rounds ? MantissaClass{Fill::uniform, c.values.headroom % 3} : c.values;
        made.inputs.push_back(dfp_tensor(values, operand.shape, exponent_of(params, c.scale, random), random,
                                         gradient ? stream_dy : stream_x));
    }
    return made;
}

void add(Suite& suite, OpKind op, const Geometry& geometry, const Class& c) {
    suite.add([=](const CaseRandom& random) { return make(op, geometry, c, random); });
}

// -h13: values within +-3, so that a window's largest comes up several times.
constexpr MantissaClass kClasses[] = {{Fill::uniform, 2},      {Fill::uniform, 13}, {Fill::relu, 2},
                                      {Fill::largest, 0},      {Fill::bell, 1},     {Fill::zeros, 0},
                                      {Fill::walking_ones, 0}, {Fill::relu, 13},    {Fill::one_large, 0},
                                      {Fill::extremes, 0},     {Fill::patterns, 0}};

constexpr int kHeadrooms[] = {2, 0, 7};

/// Every geometry with two classes of values in turn, roundings in turn.
void add_geometries(Suite& suite) {
    std::size_t turn = 0;
    for (const OpKind op : kOps) {
        for (const Geometry& geometry : kGeometries) {
            if (!takes(op, geometry)) continue;
            for (int i = 0; i < 2; ++i) {
                const RoundingParams rounding{kHeadrooms[turn / 3 % 3], kAllRoundings[turn % 3], 0};
                add(suite, op, geometry, {kClasses[turn % std::size(kClasses)], rounding});
                ++turn;
            }
        }
    }
}

void add_corners(Suite& suite) {
    constexpr Geometry kOverlapping = {2, 19, 7, 8, 3, 3, {1, 1}, {1, 1}, kFloor};
    constexpr Geometry kClipped = {2, 19, 8, 7, 3, 3, {2, 2}, {0, 1}, kCeil};
    for (const Geometry& geometry : {kOverlapping, kClipped}) {
        for (const Rounding rounding : kAllRoundings) {
            for (const int headroom : {0, 2, 14}) {
                add(suite, OpKind::max_pool_backward, geometry, {{Fill::largest, 0}, {headroom, rounding, 0}});
            }
        }
        for (const OpKind op : kOps) {
            for (const Scale scale : {Scale::smallest, Scale::largest}) {
                for (const MantissaClass& values : {MantissaClass{Fill::extremes, 0}, {Fill::uniform, 13}}) {
                    add(suite, op, geometry, {values, {}, scale});
                }
            }
            add(suite, op, geometry, {{Fill::lowest, 0}});
        }
    }
}

Geometry random_geometry(const CaseRandom& random, std::int64_t largest_channels, std::int64_t largest_size) {
    Draws pick(random, stream_shape);
    Geometry g{};
    g.N = pick(1, 4);
    g.C = pick(1, largest_channels);
    g.R = pick(1, 5);
    g.S = pick(1, 5);
    g.stride = {pick(1, 4), pick(1, 4)};
    g.pad = {pick(0, g.R - 1), pick(0, g.S - 1)};
    g.size = pick(0, 1) == 0 ? kFloor : kCeil;
    g.H = pick(g.size == kFloor ? g.R : 1, largest_size);
    g.W = pick(g.size == kFloor ? g.S : 1, largest_size);
    return g;
}

void add_random(Suite& suite, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (const OpKind op : kOps) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape + 1);
                const MantissaClass values = pick.one_of(kClasses);
                const RoundingParams rounding{static_cast<int>(pick(0, 7)), pick.one_of(kAllRoundings), 0};
                return make(op, random_geometry(random, largest_channels, largest_size), {values, rounding}, random);
            });
        }
    }
}

}  // namespace

Suite pool_suite(int level) {
    Suite suite("pool", SuiteId::pool);
    add_geometries(suite);
    add_corners(suite);
    if (level >= 2) add_random(suite, 100, 40, 14);
    if (level >= 3) add_random(suite, 300, 80, 40);
    return suite;
}

}  // namespace dfp16
