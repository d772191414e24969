#include <cmath>
#include <cstdint>
#include <utility>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t {
    stream_x,
    stream_dy,
    stream_gamma,
    stream_beta,
    stream_mean,
    stream_variance,
    stream_exponent,
    stream_shape
};

/// gamma, beta and their kind.
struct ChannelClass {
    const char* name;
    float gamma_scale, gamma_offset;
};

constexpr ChannelClass kChannelClasses[] = {
    {"start", 0.0f, 1.0f},  // gamma 1, as training starts
    {"trained", 1.0f, 0.5f},
    {"gamma-zero", 0.0f, 0.0f},
    {"gamma-negative", 0.5f, -1.0f},
};

constexpr BatchNormParams kParams[] = {{1e-5f, 0.1f}, {1e-3f, 0.01f}, {1e-5f, 1.0f}, {1e-12f, 0.0f}};

struct Class {
    std::size_t values;  ///< of kInputClasses forward, of kMantissaClasses backward
    ChannelClass channels;
    BatchNormParams params;
};

constexpr MantissaClass kMantissaClasses[] = {{Fill::bell, 2},     {Fill::uniform, 0},  {Fill::relu, 2},
                                              {Fill::zeros, 0},    {Fill::extremes, 0}, {Fill::largest, 0},
                                              {Fill::one_large, 0}};

/// What x is in forward and inference.
struct InputClass {
    const char* name;
    MantissaClass values;
    std::int64_t offset;  ///< added to every mantissa
    int exponent;
};

constexpr InputClass kInputClasses[] = {
    {"bell", {Fill::bell, 2}, 0, -12},
    {"offset", {Fill::bell, 12}, 8000, -3},     // M * B cancels against A * A
    {"constant", {Fill::zeros, 2}, 8191, -14},  // variance 0
    {"zeros", {Fill::zeros, 2}, 0, kExponentMin},
    {"one-large", {Fill::one_large, 2}, 0, -7},
    {"extremes", {Fill::extremes, 0}, 0, 3},
    {"lowest", {Fill::lowest, 0}, 0, -14},  // -32768 too
    {"large", {Fill::uniform, 0}, 0, 40},
    {"smallest-exponent", {Fill::uniform, 2}, 0, kExponentMin},
};

/// Running variances and inverse deviations: from 2^-8 to about 1.
HostTensor positive(const Shape& shape, const CaseRandom& random) {
    return real_tensor(shape, [&](std::uint64_t i) {
        return std::ldexp(static_cast<float>(random.uniform(stream_variance, i, 1 << 10, 1 << 18)), -18);
    });
}

HostTensor gamma_of(const ChannelClass& c, const Shape& shape, const CaseRandom& random) {
    return real_tensor(FloatFill::bell, shape, c.gamma_scale, c.gamma_offset, random, stream_gamma);
}

Case start(OpKind op, const Shape& shape, const std::string& values, const Class& c) {
    Case made;
    made.op = op;
    made.extent = shape;
    made.params = c.params;
    made.name = std::string(name_of(op)) + "/" + shape.text() + "/" + values + "/" + c.channels.name;
    return made;
}

Case make_forward(OpKind op, const Shape& shape, const Class& c, const CaseRandom& random) {
    const InputClass& values = kInputClasses[c.values];
    Case made = start(op, shape, values.name, c);
    const Shape channels = {shape[1]};
    HostTensor x = dfp_tensor(values.values, shape, values.exponent, random, stream_x);
    for (Mantissa& m : x.mantissas()) m.value = static_cast<std::int16_t>(m.value + values.offset);
    const float middle = std::ldexp(static_cast<float>(values.offset), values.exponent);
    made.inputs = {std::move(x), gamma_of(c.channels, channels, random),
                   real_tensor(FloatFill::bell, channels, 1.0f, 0.0f, random, stream_beta),
                   real_tensor(FloatFill::bell, channels, 2.0f, middle, random, stream_mean),
                   positive(channels, random)};
    return made;
}

Case make_backward(const Shape& shape, const Class& c, bool smallest, const CaseRandom& random) {
    const MantissaClass& values = kMantissaClasses[c.values];
    Case made = start(OpKind::batch_norm_backward, shape, name_of(values) + (smallest ? "-smallest-exponents" : ""), c);
    const Shape channels = {shape[1]};
    const auto exponent = [&](std::uint64_t draw) {
        return smallest ? kExponentMin : static_cast<int>(random.uniform(stream_exponent, draw, -30, 10));
    };
    made.inputs = {dfp_tensor(values, shape, exponent(0), random, stream_x),
                   dfp_tensor({Fill::bell, 1}, shape, exponent(1), random, stream_dy),
                   gamma_of(c.channels, channels, random),
                   real_tensor(FloatFill::bell, channels, 2.0f, 0.0f, random, stream_mean), positive(channels, random)};
    return made;
}

/// One image and pixel a channel, odd numbers of images (the tree), channels on both sides of blocks of 16.
const Shape kShapes[] = {{1, 1, 1, 1},  {1, 3, 4, 5},  {2, 5, 3, 3},  {3, 16, 2, 3}, {5, 17, 1, 1}, {7, 2, 5, 4},
                         {6, 33, 2, 2}, {16, 4, 3, 1}, {33, 1, 1, 2}, {4, 15, 7, 7}, {9, 6}};

void add_training(Suite& suite, OpKind op) {
    std::size_t turn = 0;
    for (const Shape& shape : kShapes) {
        for (std::size_t values = 0; values < std::size(kInputClasses); ++values, ++turn) {
            const Class c{values, kChannelClasses[turn % std::size(kChannelClasses)],
                          kParams[turn / 3 % std::size(kParams)]};
            suite.add([=](const CaseRandom& random) { return make_forward(op, shape, c, random); });
        }
    }
    constexpr std::size_t lowest = 6;  // M * B - A * A passes 64 bits
    static_assert(kInputClasses[lowest].values.fill == Fill::lowest);
    suite.add([=](const CaseRandom& random) {
        return make_forward(op, {2, 1, 400, 400}, {lowest, kChannelClasses[1], kParams[0]}, random);
    });
}

void add_backward(Suite& suite) {
    std::size_t turn = 0;
    for (const Shape& shape : kShapes) {
        for (std::size_t values = 0; values < std::size(kMantissaClasses); ++values, ++turn) {
            const Class c{values, kChannelClasses[turn % std::size(kChannelClasses)], kParams[0]};
            suite.add([=](const CaseRandom& random) { return make_backward(shape, c, false, random); });
        }
    }
    for (const ChannelClass& channels : kChannelClasses) {
        suite.add([=](const CaseRandom& random) {
            return make_backward({2, 18, 3, 3}, {1, channels, kParams[0]}, true, random);
        });
    }
}

/// One mantissa of a channel differs by 1 from all others, which are large: M * B and A * A have more than 53 bits and
/// leave almost nothing of each other.
void add_nearly_constant(Suite& suite) {
    suite.insert(kMutantNumbers, [](const CaseRandom& random) {
        Case made =
            make_forward(OpKind::batch_norm_forward, {2, 2, 60, 60}, {3, kChannelClasses[1], kParams[0]}, random);
        made.name = "batch_norm_forward/" + made.extent.text() + "/nearly-constant/" + kChannelClasses[1].name;
        for (Mantissa& m : made.inputs[0].mantissas()) m.value = 32760;
        for (const std::size_t channel : {0u, 1u}) made.inputs[0].mantissas()[channel * 60 * 60].value = 32761;
        made.inputs[0].exponent = {6};  // the variance is about 1/2: epsilon does not hide it
        return made;
    });
}

void add_random(Suite& suite, int count, std::int64_t largest_channels, std::int64_t largest_size) {
    for (const OpKind op : {OpKind::batch_norm_forward, OpKind::batch_norm_inference, OpKind::batch_norm_backward}) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape);
                const bool backward = op == OpKind::batch_norm_backward;
                const std::int64_t N = pick(1, 9);
                const std::int64_t C = pick(1, largest_channels);
                const std::int64_t H = pick(1, largest_size);
                const Shape shape = {N, C, H, pick(1, largest_size)};
                const std::size_t classes = backward ? std::size(kMantissaClasses) : std::size(kInputClasses);
                const auto values = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(classes) - 1));
                const Class c{values, pick.one_of(kChannelClasses), pick.one_of(kParams)};
                return backward ? make_backward(shape, c, false, random) : make_forward(op, shape, c, random);
            });
        }
    }
}

}  // namespace

Suite batch_norm_suite(int level) {
    Suite suite("batch_norm", SuiteId::batch_norm);
    add_training(suite, OpKind::batch_norm_forward);
    add_training(suite, OpKind::batch_norm_inference);
    add_backward(suite);
    add_nearly_constant(suite);
    if (level >= 2) add_random(suite, 60, 50, 8);
    if (level >= 3) add_random(suite, 150, 150, 20);
    return suite;
}

}  // namespace dfp16
