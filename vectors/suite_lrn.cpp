#include <cstdint>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_x, stream_dy, stream_exponent, stream_shape };

/// What is large beside what: the sum of squares beside k, powers of the divisor beside FP32's range.
enum class Scale {
    ordinary,  ///< values around 1
    smallest,  ///< the sum of squares vanishes beside k
    large,     ///< k vanishes beside it
    beyond,    ///< the divisor's 7/4th power is beyond FP32
};

const char* name_of(Scale scale) {
    switch (scale) {
        case Scale::ordinary: return "ordinary";
        case Scale::smallest: return "smallest-exponent";
        case Scale::large: return "large";
        case Scale::beyond: return "divisor-beyond";
    }
    return "?";
}

int exponent_of(Scale scale, const CaseRandom& random, std::uint64_t draw) {
    switch (scale) {
        case Scale::ordinary: return static_cast<int>(random.uniform(stream_exponent, draw, -18, -8));
        case Scale::smallest: return kExponentMin;
        case Scale::large: return 20;
        case Scale::beyond: return 38;
    }
    return 0;
}

struct Class {
    MantissaClass values;
    LrnParams params;
    Scale scale = Scale::ordinary;
};

Case make(OpKind op, const Shape& shape, const Class& c, const CaseRandom& random) {
    Case made;
    made.op = op;
    made.extent = shape;
    made.params = c.params;
    // Alphas of a case are told by its number and params; its name holds what makes its class.
    made.name = std::string(name_of(op)) + "/" + shape.text() + "-size" + std::to_string(c.params.size) + "/" +
                name_of(c.values) + "/" + name_of(c.scale);
    made.inputs = {dfp_tensor(c.values, shape, exponent_of(c.scale, random, 0), random, stream_x)};
    if (op == OpKind::lrn_backward) {
        const Scale gradient = c.scale == Scale::beyond ? Scale::ordinary : c.scale;
        made.inputs.push_back(dfp_tensor({Fill::bell, 1}, shape, exponent_of(gradient, random, 1), random, stream_dy));
    }
    return made;
}

void add(Suite& suite, const Shape& shape, const Class& c) {
    for (const OpKind op : {OpKind::lrn_forward, OpKind::lrn_backward}) {
        suite.add([=](const CaseRandom& random) { return make(op, shape, c, random); });
    }
}

constexpr MantissaClass kClasses[] = {{Fill::relu, 2},       {Fill::uniform, 2},  {Fill::bell, 0},
                                      {Fill::one_large, 0},  {Fill::largest, 0},  {Fill::zeros, 0},
                                      {Fill::two_powers, 0}, {Fill::extremes, 0}, {Fill::walking_ones, 1}};

constexpr LrnParams kParams[] = {{5, 1e-4f, 1.0f}, {5, 1e-4f, 2.0f}, {3, 1.0f, 1.0f},  {1, 0.5f, 1e-3f},
                                 {7, 0.0f, 3.0f},  {9, 2.5f, 1.0f},  {5, 0.75f, 1e10f}};

/// Channels on both sides of a window and of blocks of 16.
void add_shapes(Suite& suite) {
    const Shape shapes[] = {{1, 1, 1, 1},  {2, 3, 2, 2},  {1, 5, 3, 3},  {1, 8, 1, 7},  {2, 15, 2, 1},
                            {1, 16, 3, 2}, {1, 17, 2, 2}, {3, 20, 1, 1}, {1, 33, 1, 3}, {2, 64, 2, 2}};
    std::size_t turn = 0;
    for (const Shape& shape : shapes) {
        for (const LrnParams& params : kParams) {
            add(suite, shape, {kClasses[turn++ % std::size(kClasses)], params});
        }
    }
}

void add_scales(Suite& suite) {
    for (const Scale scale : {Scale::smallest, Scale::large, Scale::beyond}) {
        for (const Fill fill : {Fill::uniform, Fill::one_large, Fill::lowest}) {
            add(suite, {2, 18, 2, 3}, {{fill, 0}, kParams[0], scale});
            add(suite, {2, 19, 3, 2}, {{fill, 0}, kParams[2], scale});
        }
    }
}

void add_random(Suite& suite, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (const OpKind op : {OpKind::lrn_forward, OpKind::lrn_backward}) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape);
                const std::int64_t N = pick(1, 4);
                const std::int64_t C = pick(1, largest_channels);
                const std::int64_t H = pick(1, largest_size);
                const Shape shape = {N, C, H, pick(1, largest_size)};
                LrnParams params = pick.one_of(kParams);
                params.size = 2 * pick(0, 6) + 1;
                return make(op, shape, {pick.one_of(kClasses), params}, random);
            });
        }
    }
}

}  // namespace

Suite lrn_suite(int level) {
    Suite suite("lrn", SuiteId::lrn);
    add_shapes(suite);
    add_scales(suite);
    if (level >= 2) add_random(suite, 100, 50, 8);
    if (level >= 3) add_random(suite, 300, 200, 16);
    return suite;
}

}  // namespace dfp16
