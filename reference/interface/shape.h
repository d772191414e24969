#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace dfp16 {

/// A logical shape of one to four dimensions, outermost first: (N, C, H, W), (K, C, R, S), (M, N), (K).
class Shape {
public:
    Shape() = default;
    /// Throws InputError for a rank beyond 4, a dimension below 1, or more elements than an index can count.
    Shape(std::initializer_list<std::int64_t> dimensions);
    Shape(const std::int64_t* dimensions, std::size_t rank);

    std::size_t rank() const { return rank_; }
    std::int64_t operator[](std::size_t dimension) const { return dimensions_[dimension]; }
    /// Product of the dimensions.
    std::int64_t elements() const { return elements_; }
    /// "2x3x28x28"
    std::string text() const;
    /// The coordinates of a flat row-major index, as "(1,0,5,27)".
    std::string coordinates(std::int64_t index) const;

    friend bool operator==(const Shape&, const Shape&) = default;

private:
    std::array<std::int64_t, 4> dimensions_{};
    std::size_t rank_ = 0;
    std::int64_t elements_ = 0;
};

}  // namespace dfp16
