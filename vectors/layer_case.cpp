#include "vectors/layer_case.h"

#include <cmath>

#include "vectors/names.h"

namespace dfp16 {

std::string name_of(const MantissaClass& values) {
    return std::string(name_of(values.fill)) + "-h" + std::to_string(values.headroom);
}

HostTensor dfp_tensor(const MantissaClass& values, const Shape& shape, int exponent, const CaseRandom& random,
                      std::uint32_t stream) {
    HostTensor tensor = mantissa_tensor(values.fill, shape, values.headroom, random, stream);
    tensor.exponent = {exponent};
    return tensor;
}

HostTensor real_tensor(FloatFill fill, const Shape& shape, float scale, float offset, const CaseRandom& random,
                       std::uint32_t stream) {
    HostTensor tensor = float_tensor(fill, shape, 0, random, stream);
    // Without an offset, zeros keep their sign.
    for (float& value : tensor.fp32()) value = offset == 0.0f ? value * scale : std::fma(value, scale, offset);
    return tensor;
}

HostTensor real_tensor(const Shape& shape, const std::function<float(std::uint64_t index)>& element) {
    HostTensor tensor(ElementType::fp32, shape);
    for (std::size_t i = 0; i < tensor.fp32().size(); ++i) tensor.fp32()[i] = element(i);
    return tensor;
}

std::uint32_t draw_random_stream(Case& golden_case, const CaseRandom& random, std::uint32_t stream) {
    golden_case.context.seed = random.seed;
    golden_case.context.step = random.word(stream, 0);
    return random.word(stream, 1) & 0xFFFFFF;
}

RoundingParams with_random_stream(Case& golden_case, RoundingParams rounding, const CaseRandom& random,
                                  std::uint32_t stream) {
    if (rounding.rounding == Rounding::stochastic) rounding.tensor = draw_random_stream(golden_case, random, stream);
    return rounding;
}

std::string name_of(const RoundingParams& rounding) {
    return std::string(name_of(rounding.rounding)) + "-h" + std::to_string(rounding.headroom);
}

}  // namespace dfp16
