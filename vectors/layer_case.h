// What the suites of layers share: tensors by class, random streams, sizes that are drawn.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <string>

#include "vectors/case.h"
#include "vectors/case_random.h"
#include "vectors/float_data.h"
#include "vectors/tensor_data.h"

namespace dfp16 {

inline constexpr Rounding kAllRoundings[] = {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic};

/// A class of mantissas with its headroom.
struct MantissaClass {
    Fill fill = Fill::uniform;
    int headroom = 0;
};

/// "uniform-h2".
std::string name_of(const MantissaClass& values);

HostTensor dfp_tensor(const MantissaClass& values, const Shape& shape, int exponent, const CaseRandom& random,
                      std::uint32_t stream);

/// FP32 values of a class, each times `scale`, plus `offset` (fma) unless that is 0.
HostTensor real_tensor(FloatFill fill, const Shape& shape, float scale, float offset, const CaseRandom& random,
                       std::uint32_t stream);
HostTensor real_tensor(const Shape& shape, const std::function<float(std::uint64_t index)>& element);

/// The file's seed and a drawn step become the case's; gives a drawn tensor id.
std::uint32_t draw_random_stream(Case& golden_case, const CaseRandom& random, std::uint32_t stream);
/// The same where the rounding is stochastic; otherwise no more than `rounding`.
RoundingParams with_random_stream(Case& golden_case, RoundingParams rounding, const CaseRandom& random,
                                  std::uint32_t stream);

/// "nearest-even-h2".
std::string name_of(const RoundingParams& rounding);

/// One number after the other from a stream.
class Draws {
public:
    Draws(const CaseRandom& random, std::uint32_t stream) : random_(random), stream_(stream) {}
    std::int64_t operator()(std::int64_t low, std::int64_t high) {
        return random_.uniform(stream_, next_++, low, high);
    }
    template <typename Container>
    const auto& one_of(const Container& container) {
        const auto last = static_cast<std::int64_t>(std::size(container)) - 1;
        return std::data(container)[static_cast<std::size_t>((*this)(0, last))];
    }

private:
    CaseRandom random_;
    std::uint32_t stream_;
    std::uint64_t next_ = 0;
};

}  // namespace dfp16
