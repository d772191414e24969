#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "sim/mantissa_limit.h"
#include "vectors/float_data.h"
#include "vectors/layer_case.h"
#include "vectors/suite.h"
#include "vectors/tensor_data.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_a, stream_b, stream_exponent, stream_rounding };

/// How many elements the tensors of a level have.
std::int64_t elements_of(int level) {
    return level == 1 ? 100 : level == 2 ? 2'000 : 50'000;
}

/// The header; stochastic rounding gets the file's seed and a step and tensor id of its own.
Case start(OpKind op, const RoundingParams& rounding, const Shape& shape, const std::string& class_name,
           const CaseRandom& random) {
    Case made;
    made.op = op;
    made.extent = shape;
    made.name = std::string(name_of(op)) + "/" + class_name + "/" + name_of(rounding);
    made.params = with_random_stream(made, rounding, random, stream_rounding);
    return made;
}

int magnitude_bits(std::int64_t magnitude) {
    return std::bit_width(static_cast<std::uint64_t>(magnitude));
}

/// How far down-conversion shifts a tensor whose largest magnitude has so many bits.
int shift_of(int bits, int headroom) {
    return std::max(0, bits - (15 - headroom));
}

// --- quantize and dequantize

constexpr FloatFill kFloatFills[] = {FloatFill::bell,        FloatFill::wide,      FloatFill::ties,
                                     FloatFill::below_power, FloatFill::walking,   FloatFill::one_large,
                                     FloatFill::largest,     FloatFill::subnormal, FloatFill::zeros};

void add_quantize(Suite& suite, int level) {
    const Shape shape = {elements_of(level)};
    for (const Rounding rounding : kAllRoundings) {
        for (const int headroom : {0, 1, 2, 7, 14}) {
            for (const FloatFill fill : kFloatFills) {
                suite.add([=](const CaseRandom& random) {
                    Case made = start(OpKind::quantize, {headroom, rounding, 0}, shape, name_of(fill), random);
                    made.inputs = {float_tensor(fill, shape, headroom, random, stream_a)};
                    return made;
                });
            }
        }
    }
}

/// Every mantissa; at the largest exponent -32768 would be beyond FP32 and is left out.
void add_dequantize(Suite& suite) {
    for (const int exponent : {kExponentMin, -15, 0, 112, kExponentMax}) {
        suite.add([=](const CaseRandom&) {
            const std::int64_t lowest = exponent == kExponentMax ? -32767 : -32768;
            Case made;
            made.op = OpKind::dequantize;
            made.extent = Shape{32768 - lowest};
            made.name = "dequantize/all-mantissas/exponent" + std::to_string(exponent);
            HostTensor x(ElementType::mantissa, made.extent);
            for (std::size_t i = 0; i < x.mantissas().size(); ++i) {
                x.mantissas()[i].value = static_cast<std::int16_t>(lowest + static_cast<std::int64_t>(i));
            }
            x.exponent = {exponent};
            made.inputs = {std::move(x)};
            return made;
        });
    }
}

// --- multiply

enum class ProductScale { ordinary, smallest, largest };

int product_exponent(const Case& made, int headroom, ProductScale scale, const CaseRandom& random) {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < made.inputs[0].mantissas().size(); ++i) {
        const std::int64_t product =
            std::int64_t{made.inputs[0].mantissas()[i].value} * made.inputs[1].mantissas()[i].value;
        largest = std::max(largest, std::abs(product));
    }
    switch (scale) {
        case ProductScale::ordinary: return static_cast<int>(random.uniform(stream_exponent, 0, -150, 80));
        case ProductScale::smallest: return 2 * kExponentMin;
        case ProductScale::largest: return kExponentMax - shift_of(magnitude_bits(largest), headroom);
    }
    return 0;
}

Case multiply_case(Fill fill, const RoundingParams& rounding, ProductScale scale, const Shape& shape,
                   const CaseRandom& random) {
    const char* scale_name = scale == ProductScale::ordinary   ? ""
                             : scale == ProductScale::smallest ? "-smallest-exponents"
                                                               : "-largest-exponent";
    Case made = start(OpKind::multiply, rounding, shape, std::string(name_of(fill)) + scale_name, random);
    made.inputs = {mantissa_tensor(fill, shape, 0, random, stream_a),
                   mantissa_tensor(fill, shape, 0, random, stream_b)};
    const int exponent = product_exponent(made, rounding.headroom, scale, random);
    const int first = std::max(kExponentMin, exponent / 2);
    made.inputs[0].exponent = {first};
    made.inputs[1].exponent = {exponent - first};
    return made;
}

void add_multiply(Suite& suite, int level) {
    const Shape shape = {elements_of(level)};
    for (const Rounding rounding : kAllRoundings) {
        for (const int headroom : {0, 2, 7}) {
            const RoundingParams params{headroom, rounding, 0};
            for (const Fill fill : symmetric_fills()) {
                suite.add([=](const CaseRandom& random) {
                    return multiply_case(fill, params, ProductScale::ordinary, shape, random);
                });
            }
            for (const ProductScale scale : {ProductScale::smallest, ProductScale::largest}) {
                suite.add(
                    [=](const CaseRandom& random) { return multiply_case(Fill::bell, params, scale, shape, random); });
            }
        }
    }
}

// --- add

struct AddCase {
    Fill fill;
    AddParams params;
    int gap;  ///< of the exponents
    bool first_larger;
    int larger;  ///< the larger exponent
};

Case add_case(const AddCase& spec, const std::string& class_name, const Shape& shape, const CaseRandom& random) {
    const std::string relu = spec.params.relu ? "-relu" : "";
    Case made = start(OpKind::add, spec.params.rounding, shape, class_name + relu, random);
    made.params = AddParams{std::get<RoundingParams>(made.params), spec.params.relu};
    made.inputs = {mantissa_tensor(spec.fill, shape, 0, random, stream_a),
                   mantissa_tensor(spec.fill, shape, 0, random, stream_b)};
    made.inputs[spec.first_larger ? 0 : 1].exponent = {spec.larger};
    made.inputs[spec.first_larger ? 1 : 0].exponent = {spec.larger - spec.gap};
    return made;
}

/// Exponent gaps 0 to 40: from 17 on nothing of the smaller operand is left but what rounding makes of it.
void add_gaps(Suite& suite, int level) {
    const Shape shape = {elements_of(level)};
    const std::vector<Fill>& fills = symmetric_fills();
    for (int gap = 0; gap <= 40; ++gap) {
        for (const bool first_larger : {true, false}) {
            if (gap == 0 && !first_larger) continue;
            for (const bool relu : {false, true}) {
                const auto turn = static_cast<std::size_t>(gap * 2 + (relu ? 1 : 0));
                const RoundingParams rounding{static_cast<int>(turn * 7 % 5), kAllRoundings[turn % 3], 0};
                const AddCase spec{fills[turn % fills.size()], {rounding, relu}, gap, first_larger, 0};
                suite.add([=](const CaseRandom& random) {
                    AddCase placed = spec;
                    placed.larger = static_cast<int>(random.uniform(stream_exponent, 0, -60, 60));
                    const char* order = gap == 0 ? "" : first_larger ? "-first-larger" : "-second-larger";
                    return add_case(placed, std::string(name_of(spec.fill)) + "/gap" + std::to_string(gap) + order,
                                    shape, random);
                });
            }
        }
    }
}

void add_add_corners(Suite& suite, int level) {
    const Shape shape = {elements_of(level)};
    for (const Rounding rounding : kAllRoundings) {
        const RoundingParams params{2, rounding, 0};
        suite.add([=](const CaseRandom& random) {
            Case made = add_case({Fill::uniform, {params, false}, 0, true, 3}, "cancels-to-zero", shape, random);
            for (std::size_t i = 0; i < made.inputs[1].mantissas().size(); ++i) {
                made.inputs[1].mantissas()[i].value = static_cast<std::int16_t>(-made.inputs[0].mantissas()[i].value);
            }
            return made;
        });
        suite.add([=](const CaseRandom& random) {
            return add_case({Fill::uniform, {params, false}, 110 - kExponentMin, true, 110}, "gap236", shape, random);
        });
        suite.add([=](const CaseRandom& random) {
            return add_case({Fill::largest, {params, false}, 0, true, 112 - params.headroom}, "largest-exponent", shape,
                            random);
        });
        suite.add([=](const CaseRandom& random) {
            return add_case({Fill::one_large, {params, true}, 0, true, kExponentMin}, "smallest-exponent", shape,
                            random);
        });
    }
}

// --- down_convert

/// Values whose down-conversion shifts by `shift` and meets exact ties of both signs, above even and odd numbers.
HostTensor tied_accumulators(const Shape& shape, int headroom, int shift, const CaseRandom& random) {
    HostTensor v(ElementType::accumulator, shape);
    const std::int64_t limit = mantissa_limit(headroom);
    for (std::size_t i = 0; i < v.accumulators().size(); ++i) {
        const std::int64_t whole = i == 0 ? limit : random.uniform(stream_a, i, -limit, limit - 1);
        const std::int64_t half = std::int64_t{1} << (shift - 1);
        const std::int64_t value = i == 0 ? limit << shift : whole * (std::int64_t{1} << shift) + half;
        v.accumulators()[i].value = static_cast<std::int32_t>(value);
    }
    return v;
}

int down_convert_exponent(const HostTensor& v, int headroom, ProductScale scale, const CaseRandom& random) {
    std::int64_t largest = 0;
    for (const Accumulator a : v.accumulators()) largest = std::max(largest, std::abs(std::int64_t{a.value}));
    switch (scale) {
        case ProductScale::ordinary: return static_cast<int>(random.uniform(stream_exponent, 0, -60, 60));
        case ProductScale::smallest: return kExponentMin - static_cast<int>(random.uniform(stream_exponent, 0, 1, 40));
        case ProductScale::largest: return kExponentMax - shift_of(magnitude_bits(largest), headroom);
    }
    return 0;
}

Case down_convert_case(HostTensor v, const std::string& values, const RoundingParams& rounding, ProductScale scale,
                       const CaseRandom& random) {
    const char* scale_name = scale == ProductScale::ordinary   ? ""
                             : scale == ProductScale::smallest ? "-below-smallest-exponent"
                                                               : "-largest-exponent";
    Case made = start(OpKind::down_convert, rounding, v.shape, values + scale_name, random);
    v.exponent = {down_convert_exponent(v, rounding.headroom, scale, random)};
    made.inputs = {std::move(v)};
    return made;
}

void add_down_convert_ties(Suite& suite, const RoundingParams& params, const Shape& shape) {
    for (const int shift : {1, 2, 9}) {
        suite.add([=](const CaseRandom& random) {
            return down_convert_case(tied_accumulators(shape, params.headroom, shift, random),
                                     "ties-shift" + std::to_string(shift), params, ProductScale::ordinary, random);
        });
    }
}

/// Magnitudes below 2^10: nothing to shift unless the exponent is too small.
HostTensor small_accumulators(const Shape& shape, const CaseRandom& random) {
    HostTensor v(ElementType::accumulator, shape);
    for (std::size_t i = 0; i < v.accumulators().size(); ++i) {
        v.accumulators()[i].value = static_cast<std::int32_t>(random.uniform(stream_a, i, -1023, 1023));
    }
    return v;
}

void add_down_convert(Suite& suite, int level) {
    const Shape shape = {elements_of(level)};
    std::vector<Fill> fills = symmetric_fills();
    fills.push_back(Fill::lowest);
    for (const Rounding rounding : kAllRoundings) {
        for (const int headroom : {0, 2, 7, 14}) {
            const RoundingParams params{headroom, rounding, 0};
            std::size_t turn = 0;
            for (const Fill fill : fills) {
                const auto scale = static_cast<ProductScale>(turn++ % 3);
                suite.add([=](const CaseRandom& random) {
                    return down_convert_case(accumulator_tensor(fill, shape, random, stream_a), name_of(fill), params,
                                             scale, random);
                });
            }
            for (const ProductScale scale : {ProductScale::ordinary, ProductScale::smallest}) {
                suite.add([=](const CaseRandom& random) {
                    return down_convert_case(small_accumulators(shape, random), "small", params, scale, random);
                });
            }
            add_down_convert_ties(suite, params, shape);
        }
    }
}

// --- ReLU

struct ReluCase {
    OpKind op;
    ElementType element, y_element;  ///< of dy, and of y, in backward; both of x in forward
    Fill fill;
    FloatFill float_fill;
};

HostTensor relu_operand(ElementType type, const ReluCase& spec, const Shape& shape, const CaseRandom& random,
                        std::uint32_t stream) {
    if (type == ElementType::fp32) return float_tensor(spec.float_fill, shape, 2, random, stream);
    HostTensor made = mantissa_tensor(spec.fill, shape, 2, random, stream);
    made.exponent = {static_cast<int>(random.uniform(stream_exponent, stream, -60, 60))};
    return made;
}

Case relu_case(const ReluCase& spec, const Shape& shape, const CaseRandom& random) {
    Case made;
    made.op = spec.op;
    made.extent = shape;
    made.element = spec.element;
    made.y_element = spec.y_element;
    made.name = std::string(name_of(spec.op)) + "/" + name_of(spec.element) + "-" + name_of(spec.y_element) + "/" +
                (spec.element == ElementType::fp32 ? name_of(spec.float_fill) : name_of(spec.fill));
    made.inputs = {relu_operand(spec.element, spec, shape, random, stream_a)};
    if (spec.op == OpKind::relu_backward) {
        // y is as ReLU leaves it: nothing negative.
        HostTensor y = relu_operand(spec.y_element, spec, shape, random, stream_b);
        for (std::int64_t i = 0; i < y.elements(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            if (spec.y_element == ElementType::fp32) {
                y.fp32()[at] = y.fp32()[at] > 0.0f ? y.fp32()[at] : 0.0f;
            } else {
                y.mantissas()[at].value = std::max<std::int16_t>(y.mantissas()[at].value, 0);
            }
        }
        made.inputs.push_back(std::move(y));
    }
    return made;
}

/// Both types of every tensor; all of y zero among them.
void add_relu(Suite& suite, std::uint32_t number) {
    constexpr std::pair<Fill, FloatFill> kFills[] = {{Fill::bell, FloatFill::bell},
                                                     {Fill::extremes, FloatFill::wide},
                                                     {Fill::one_large, FloatFill::subnormal},
                                                     {Fill::zeros, FloatFill::zeros}};
    constexpr ElementType kTypes[] = {ElementType::mantissa, ElementType::fp32};
    const Shape shape = {elements_of(1)};
    for (const auto& [fill, float_fill] : kFills) {
        for (const ElementType type : kTypes) {
            for (const ElementType y_type : kTypes) {
                const OpKind op = OpKind::relu_backward;
                const ReluCase backward{op, type, y_type, fill, float_fill};
                suite.insert(number++, [=](const CaseRandom& random) { return relu_case(backward, shape, random); });
            }
            const ReluCase forward{OpKind::relu_forward, type, type, fill, float_fill};
            suite.insert(number++, [=](const CaseRandom& random) { return relu_case(forward, shape, random); });
        }
    }
}

// --- what kernels with planted bugs asked for

/// Fractions that are, to 32 bits, just the element's random word, where FP32 has it: they do not round up.
Case quantize_equal_words(const CaseRandom& random) {
    const Shape shape = {1000};
    Case made = start(OpKind::quantize, {2, Rounding::stochastic, 0}, shape, "fraction-is-word", random);
    const std::uint32_t tensor = std::get<RoundingParams>(made.params).tensor;
    const RandomStream words{made.context.seed, made.context.step, Purpose::quantize, tensor};
    HostTensor x(ElementType::fp32, shape);
    for (std::size_t i = 0; i < x.fp32().size(); ++i) {
        const float fraction = std::ldexp(static_cast<float>(words.word(i)), -32);
        x.fp32()[i] = i % 2 == 0 ? fraction : -fraction;
    }
    x.fp32()[0] = static_cast<float>(mantissa_limit(2));
    made.inputs = {std::move(x)};
    return made;
}

/// The same of down-convert: with headroom 14 all but two bits of a word can be the fraction.
Case down_convert_equal_words(const CaseRandom& random) {
    constexpr int kShift = 30;
    const Shape shape = {elements_of(1)};
    Case made = start(OpKind::down_convert, {14, Rounding::stochastic, 0}, shape, "fraction-is-word", random);
    const std::uint32_t tensor = std::get<RoundingParams>(made.params).tensor;
    const RandomStream words{made.context.seed, made.context.step, Purpose::down_convert, tensor};
    HostTensor v(ElementType::accumulator, shape);
    for (std::size_t i = 0; i < v.accumulators().size(); ++i) {
        const auto fraction = static_cast<std::int32_t>(words.word(i) >> (32 - kShift));
        v.accumulators()[i].value = i == 0       ? std::numeric_limits<std::int32_t>::max()
                                    : i % 2 == 0 ? fraction
                                                 : -fraction;
    }
    made.inputs = {std::move(v)};
    return made;
}

/// The largest magnitude is the last element's, beyond the last whole block of 16.
Case quantize_largest_last(const CaseRandom& random) {
    const Shape shape = {elements_of(1)};
    Case made = start(OpKind::quantize, {2, Rounding::nearest_even, 0}, shape, "largest-last", random);
    made.inputs = {float_tensor(FloatFill::bell, shape, 2, random, stream_a)};
    float& last = made.inputs[0].fp32().back();
    last = -16.0f * *std::max_element(made.inputs[0].fp32().begin(), made.inputs[0].fp32().end());
    return made;
}

Case down_convert_largest_last(const CaseRandom& random) {
    HostTensor v = small_accumulators({elements_of(1)}, random);
    v.accumulators().back().value = -(1 << 29) - 1;
    return down_convert_case(std::move(v), "largest-last", {2, Rounding::nearest_even, 0}, ProductScale::ordinary,
                             random);
}

Case down_convert_zeros(const CaseRandom& random) {
    return down_convert_case(HostTensor(ElementType::accumulator, {elements_of(1)}), "zeros",
                             {2, Rounding::nearest_even, 0}, ProductScale::ordinary, random);
}

void add_for_mutants(Suite& suite) {
    std::uint32_t number = kMutantNumbers;
    suite.insert(number++, quantize_equal_words);
    suite.insert(number++, quantize_largest_last);
    suite.insert(number++, down_convert_equal_words);
    suite.insert(number++, down_convert_largest_last);
    suite.insert(number++, down_convert_zeros);
    add_relu(suite, number);
}

}  // namespace

Suite dfp_suite(int level) {
    Suite suite("dfp", SuiteId::dfp);
    add_dequantize(suite);
    for (int i = 1; i <= level; ++i) {
        add_quantize(suite, i);
        add_multiply(suite, i);
        add_gaps(suite, i);
        add_add_corners(suite, i);
        add_down_convert(suite, i);
        if (i == 1) add_for_mutants(suite);
    }
    return suite;
}

}  // namespace dfp16
