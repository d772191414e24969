#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>

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
    }
    return suite;
}

}  // namespace dfp16
