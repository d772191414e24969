#include <cmath>
#include <cstdint>

#include "vectors/layer_case.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_z, stream_labels, stream_shape };

struct Scores {
    const char* name;
    FloatFill fill;
    float scale, offset;
};

constexpr Scores kScores[] = {
    {"bell", FloatFill::bell, 8.0f, 0.0f},
    {"equal", FloatFill::zeros, 1.0f, 2.5f},  // the loss is log K
    {"zeros", FloatFill::zeros, 1.0f, 0.0f},  // of both signs
    {"wide", FloatFill::bell, 400.0f, 0.0f},  // most probabilities are 0
    {"one-large", FloatFill::one_large, 40.0f, 0.0f},
    {"far-off", FloatFill::bell, 1.0f, -3.0e8f},  // differences of few bits
    {"huge", FloatFill::bell, 0x1p120f, 0.0f},
    {"subnormal", FloatFill::subnormal, 1.0f, 0.0f},
};

HostTensor labels_of(const Shape& shape, const CaseRandom& random) {
    HostTensor labels(ElementType::label, {shape[0]});
    for (std::size_t i = 0; i < labels.labels().size(); ++i) {
        const std::int64_t drawn = random.uniform(stream_labels, i, 0, shape[1] - 1);
        const std::int64_t label = i == 0 ? 0 : i == 1 ? shape[1] - 1 : drawn;
        labels.labels()[i].value = static_cast<std::int32_t>(label);
    }
    return labels;
}

Case start(OpKind op, const Shape& shape, const std::string& values, const CaseRandom& random) {
    Case made;
    made.op = op;
    made.extent = shape;
    made.name = std::string(name_of(op)) + "/" + shape.text() + "/" + values;
    made.inputs = {HostTensor(), labels_of(shape, random)};
    return made;
}

Case make_forward(const Shape& shape, const Scores& scores, const CaseRandom& random) {
    Case made = start(OpKind::softmax_forward, shape, scores.name, random);
    made.params = NoParams{};
    made.inputs[0] = real_tensor(scores.fill, shape, scores.scale, scores.offset, random, stream_z);
    return made;
}

/// Differences to the largest score within some steps of FP32 around -87, where exp becomes 0.
Case make_edge(const Shape& shape, const CaseRandom& random) {
    Case made = start(OpKind::softmax_forward, shape, "around-87", random);
    made.params = NoParams{};
    made.inputs[0] = real_tensor(shape, [&](std::uint64_t i) {
        if (i % static_cast<std::uint64_t>(shape[1]) == 0) return 0.0f;
        return -87.0f + std::ldexp(static_cast<float>(random.uniform(stream_z, i, -3, 3)), -17);
    });
    return made;
}

enum class Probabilities { drawn, certain, subnormal };

const char* name_of(Probabilities probabilities) {
    switch (probabilities) {
        case Probabilities::drawn: return "drawn";
        case Probabilities::certain: return "certain";
        case Probabilities::subnormal: return "subnormal";
    }
    return "?";
}

/// `drawn`: in [0, 1), not that they added up to anything. `certain`: a single 1 in each row.
float probability(Probabilities probabilities, std::int64_t classes, std::uint64_t index, const CaseRandom& random) {
    switch (probabilities) {
        case Probabilities::drawn:
            return std::ldexp(static_cast<float>(random.uniform(stream_z, index, 0, (1 << 24) - 1)), -24);
        case Probabilities::certain: {
            const auto width = static_cast<std::uint64_t>(classes);
            return index % width == index / width % width ? 1.0f : 0.0f;
        }
        case Probabilities::subnormal:
            return std::ldexp(static_cast<float>(random.uniform(stream_z, index, 0, 1 << 23)), -149);
    }
    return 0.0f;
}

Case make_backward(const Shape& shape, Probabilities probabilities, float weight, const CaseRandom& random) {
    Case made = start(OpKind::softmax_backward, shape,
                      std::string(name_of(probabilities)) + "/weight" + std::to_string(weight), random);
    made.params = LossParams{weight};
    made.inputs[0] =
        real_tensor(shape, [&](std::uint64_t i) { return probability(probabilities, shape[1], i, random); });
    return made;
}

constexpr float kWeights[] = {1.0f, 0.3f, 0.0f, 1.0f / 3.0f, 2.0f, -1.5f};

void add_corners(Suite& suite) {
    const Shape shapes[] = {{1, 1}, {1, 2}, {2, 10}, {3, 10}, {5, 17}, {7, 3}, {1, 1000}, {4, 33}, {64, 10}};
    for (const Shape& shape : shapes) {
        for (const Scores& scores : kScores) {
            suite.add([=](const CaseRandom& random) { return make_forward(shape, scores, random); });
        }
        suite.add([=](const CaseRandom& random) { return make_edge(shape, random); });
        for (const Probabilities p : {Probabilities::drawn, Probabilities::certain, Probabilities::subnormal}) {
            for (const float weight : kWeights) {
                suite.add([=](const CaseRandom& random) { return make_backward(shape, p, weight, random); });
            }
        }
    }
}

/// One row of two scores, the label's being the larger: the loss is log(1 + exp(z)), with nothing added that would hide
/// it.
void add_two_scores(Suite& suite) {
    constexpr std::uint32_t kCases = 24;
    for (std::uint32_t i = 0; i < kCases; ++i) {
        suite.insert(kMutantNumbers + i, [i](const CaseRandom& random) {
            Case made = start(OpKind::softmax_forward, {1, 2}, "two-scores/" + std::to_string(i), random);
            made.params = NoParams{};
            made.inputs[0] = real_tensor({1, 2}, [&](std::uint64_t j) {
                return j == 0 ? 0.0f : std::ldexp(-static_cast<float>(random.uniform(stream_z, j, 0, 1 << 24)), -22);
            });
            return made;
        });
    }
}

void add_random(Suite& suite, int count, std::int64_t largest_batch, std::int64_t largest_classes) {
    for (const OpKind op : {OpKind::softmax_forward, OpKind::softmax_backward}) {
        for (int i = 0; i < count; ++i) {
            suite.add([=](const CaseRandom& random) {
                Draws pick(random, stream_shape);
                const std::int64_t N = pick(1, largest_batch);
                const Shape shape = {N, pick(1, largest_classes)};
                if (op == OpKind::softmax_forward) return make_forward(shape, pick.one_of(kScores), random);
                return make_backward(shape, static_cast<Probabilities>(pick(0, 2)), pick.one_of(kWeights), random);
            });
        }
    }
}

}  // namespace

Suite softmax_suite(int level) {
    Suite suite("softmax", SuiteId::softmax);
    add_corners(suite);
    add_two_scores(suite);
    if (level >= 2) add_random(suite, 100, 40, 200);
    if (level >= 3) add_random(suite, 200, 100, 1000);
    return suite;
}

}  // namespace dfp16
