// A tensor of a plan: what it is and where it lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "fastpath/channel_statistics.h"
#include "fastpath/exponent_forecast.h"
#include "fastpath/layout.h"
#include "reference/interface/host_tensor.h"

namespace dfp16::fast {

/// Which mantissas of a blocked tensor are above zero, a word for each 16 in memory order: a sixteenth of what the
/// backward pass of a ReLU would read otherwise.
struct PositiveBits {
    std::uint16_t* memory = nullptr;  ///< null: nobody asks
    bool written = false;             ///< all of them

    const std::uint16_t* words() const { return written ? memory : nullptr; }
};

struct Tensor {
    std::string name;  ///< "conv1.y"
    ElementType type = ElementType::fp32;
    Shape shape;
    Layout layout;
    std::byte* data = nullptr;  ///< null while it exists only as a TileSource
    int exponent = 0;
    /// Bits of max|x| of an FP32 tensor, when an operation found it in passing.
    std::optional<std::uint32_t> max_magnitude;
    /// No mantissa's magnitude is larger than this, at most 32767; -1: not known.
    std::int32_t largest_mantissa = -1;
    /// No mantissa is negative; false: not known.
    bool non_negative = false;
    ExponentForecast forecast;
    bool wide_sums = false;  ///< see Result
    // What a batch norm asks for (wanted_statistics.h): squares, or products with `factor`; not both.
    bool wants_statistics = false;
    const Tensor* factor = nullptr;
    ChannelStatistics statistics;  ///< empty: not known
    PositiveBits positive;
    /// Before an operation writes it, or a value is bound.
    void forget() {
        max_magnitude.reset();
        largest_mantissa = -1;
        non_negative = false;
        statistics.clear();
        positive.written = false;
    }

    /// Whether the statistics with the factor can be found as mantissas are written.
    bool factor_is_there() const { return factor != nullptr && factor->data != nullptr && factor->layout == layout; }

    std::int16_t* mantissas() const { return reinterpret_cast<std::int16_t*>(data); }
    std::int32_t* integers() const { return reinterpret_cast<std::int32_t*>(data); }
    float* fp32() const { return reinterpret_cast<float*>(data); }

    std::size_t element_bytes() const { return type == ElementType::mantissa ? 2 : 4; }
    std::size_t bytes() const { return static_cast<std::size_t>(layout.elements()) * element_bytes(); }
};

/// "conv1.y: WHAT at index 17 (0,0,2,3)"
inline std::string message_at(const Tensor& tensor, std::int64_t index, const std::string& what) {
    return tensor.name + ": " + what + " at index " + std::to_string(index) + " " + tensor.shape.coordinates(index);
}

}  // namespace dfp16::fast
