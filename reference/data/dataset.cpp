#include "reference/data/dataset.h"

#include <cmath>

namespace dfp16 {

namespace {

__extension__ using Int128 = __int128;  // count * sum of squares passes 64 bits on real sets

}  // namespace

Normalization normalization_of(std::int64_t n, std::int64_t sum, std::int64_t squares) {
    const Int128 spread = Int128{n} * squares - Int128{sum} * sum;  // n^2 times the variance, exact
    const double scale = static_cast<double>(n) * 255.0;
    Normalization normalization;
    normalization.mean = static_cast<float>(static_cast<double>(sum) / scale);
    const auto deviation = static_cast<float>(std::sqrt(static_cast<double>(spread)) / scale);
    if (deviation > 0.0f) normalization.deviation = deviation;
    return normalization;
}

std::vector<Normalization> normalization_of(const Dataset& dataset) {
    std::int64_t sum = 0;
    std::int64_t squares = 0;
    for (const std::int64_t p : dataset.pixels) {
        sum += p;
        squares += p * p;
    }
    const Normalization all = normalization_of(static_cast<std::int64_t>(dataset.pixels.size()), sum, squares);
    return std::vector<Normalization>(static_cast<std::size_t>(dataset.channels), all);
}

std::array<float, 256> normalized_values(const Normalization& normalization) {
    std::array<float, 256> values{};
    for (std::size_t p = 0; p < values.size(); ++p) {
        const float scaled = static_cast<float>(p) / 255.0f;
        values[p] = (scaled - normalization.mean) / normalization.deviation;
    }
    return values;
}

}  // namespace dfp16
