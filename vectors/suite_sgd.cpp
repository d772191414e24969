#include <cstdint>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_w, stream_v, stream_dw, stream_shape };

/// What w, v and dw are; `cancel`: the momentum of v and the gradient cancel, up to rounding.
struct Class {
    const char* name;
    FloatFill w, v, dw;
    float scale = 1.0f;
    bool cancel = false;
};

constexpr Class kClasses[] = {
    {"bell", FloatFill::bell, FloatFill::bell, FloatFill::bell},
    {"start", FloatFill::bell, FloatFill::zeros, FloatFill::bell},  // v 0, as training starts; of both signs
    {"cancel", FloatFill::bell, FloatFill::bell, FloatFill::bell, 1.0f, true},
    {"zeros", FloatFill::zeros, FloatFill::zeros, FloatFill::zeros},
    {"walking", FloatFill::walking, FloatFill::walking, FloatFill::walking},
    {"wide", FloatFill::wide, FloatFill::wide, FloatFill::wide, 0x1p-4f},
    {"subnormal", FloatFill::subnormal, FloatFill::subnormal, FloatFill::subnormal},
    {"one-large", FloatFill::one_large, FloatFill::bell, FloatFill::one_large},
    {"largest", FloatFill::largest, FloatFill::largest, FloatFill::largest, 0x1p-4f},
};

struct Steps {
    const char* name;
    float learning_rate;
    SgdParams params;
};

constexpr Steps kSteps[] = {
    {"usual", 0.01f, {0.9f, 5e-4f}},        {"no-decay", 0.1f, {0.9f, 0.0f}},
    {"no-momentum", 0.02f, {0.0f, 1e-4f}},  {"no-rate", 0.0f, {0.9f, 1e-4f}},
    {"ones", 1.0f, {1.0f, 1.0f}},           {"subnormal-rate", 0x1p-140f, {0.5f, 0.25f}},
    {"tiny-decay", 1e-3f, {0.99f, 1e-30f}},
};

Case make(const Shape& shape, const Class& values, const Steps& steps, const CaseRandom& random) {
    Case made;
    made.op = OpKind::sgd_update;
    made.extent = shape;
    made.params = steps.params;
    made.context.learning_rate = steps.learning_rate;
    made.name = "sgd_update/" + shape.text() + "/" + values.name + "/" + steps.name;
    made.inputs = {real_tensor(values.w, shape, values.scale, 0.0f, random, stream_w),
                   real_tensor(values.v, shape, values.scale, 0.0f, random, stream_v),
                   real_tensor(values.dw, shape, values.scale, 0.0f, random, stream_dw)};
    if (values.cancel) {
        for (std::size_t i = 0; i < made.inputs[1].fp32().size(); ++i) {
            made.inputs[2].fp32()[i] = -(steps.params.momentum * made.inputs[1].fp32()[i]);
        }
    }
    return made;
}

void add_corners(Suite& suite) {
    const Shape shapes[] = {{1}, {37}, {17, 5}, {5, 3, 3, 3}};
    for (const Shape& shape : shapes) {
        for (const Class& values : kClasses) {
            for (const Steps& steps : kSteps) {
                suite.add([=](const CaseRandom& random) { return make(shape, values, steps, random); });
            }
        }
    }
}

void add_random(Suite& suite, int count, std::int64_t largest) {
    for (int i = 0; i < count; ++i) {
        suite.add([=](const CaseRandom& random) {
            Draws pick(random, stream_shape);
            const Shape shape = {pick(1, largest)};
            const Class& values = pick.one_of(kClasses);
            return make(shape, values, pick.one_of(kSteps), random);
        });
    }
}

}  // namespace

Suite sgd_suite(int level) {
    Suite suite("sgd", SuiteId::sgd);
    add_corners(suite);
    if (level >= 2) add_random(suite, 100, 5'000);
    if (level >= 3) add_random(suite, 200, 50'000);
    return suite;
}

}  // namespace dfp16
