// Mantissa, Accumulator, Exponent and Label are distinct: mixing them does not compile.
#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "sim/align.h"
#include "sim/dequantize.h"
#include "sim/multiply.h"
#include "sim/types/accumulator.h"
#include "sim/types/exponent.h"
#include "sim/types/label.h"
#include "sim/types/mantissa.h"

namespace dfp16 {
namespace {

template <typename A, typename B>
concept Mixes = std::is_convertible_v<A, B> || std::is_assignable_v<B&, A> || std::is_constructible_v<B, A> ||
    requires(A a, B b) {
    a == b;
} || requires(A a, B b) {
    a + b;
} || requires(A a, B b) {
    a < b;
};

template <typename A, typename B>
constexpr bool apart = !Mixes<A, B> && !Mixes<B, A>;

static_assert(apart<Mantissa, Accumulator> && apart<Mantissa, Exponent> && apart<Mantissa, Label>);
static_assert(apart<Accumulator, Exponent> && apart<Accumulator, Label> && apart<Exponent, Label>);

/// No bare number becomes one of them by itself, and none becomes a bare number.
template <typename T, typename Number>
constexpr bool apart_from_number = !std::is_convertible_v<Number, T> && !std::is_convertible_v<T, Number> &&
                                   !std::is_assignable_v<T&, Number> && !requires(T t, Number n) {
    t + n;
}
&&!requires(T t, Number n) {
    t == n;
};
template <typename T>
constexpr bool apart_from_numbers = apart_from_number<T, std::int16_t>&& apart_from_number<T, std::int32_t>&&
    apart_from_number<T, std::int64_t>&& apart_from_number<T, float>;

static_assert(apart_from_numbers<Mantissa> && apart_from_numbers<Accumulator>);
static_assert(apart_from_numbers<Exponent> && apart_from_numbers<Label>);

/// Nor do the arithmetic rules take one for another.
template <typename A, typename B>
constexpr bool multiplies = requires(A a, B b) {
    multiply(a, b);
};
template <typename A, typename B>
constexpr bool dequantizes = requires(A a, B b) {
    dequantize(a, b);
};
template <typename A>
constexpr bool aligns = requires(A a) {
    align(a, 1, Rounding::toward_zero, 0);
};

static_assert(multiplies<Mantissa, Mantissa> && !multiplies<Mantissa, Accumulator> &&
              !multiplies<Accumulator, Mantissa>);
static_assert(!multiplies<Mantissa, Exponent> && !multiplies<std::int16_t, std::int16_t>);
static_assert(dequantizes<Mantissa, Exponent> && !dequantizes<Exponent, Mantissa> && !dequantizes<Mantissa, int>);
static_assert(!dequantizes<Accumulator, Exponent>);
static_assert(aligns<Mantissa> && !aligns<Accumulator> && !aligns<Exponent> && !aligns<int>);

/// The check itself can see a mixture.
struct Leaky {
    std::int16_t value = 0;
    operator Mantissa() const { return {value}; }
};
static_assert(!apart<Leaky, Mantissa>);

TEST(Types, AreTheSizeOfWhatTheyHold) {
    EXPECT_EQ(sizeof(Mantissa), sizeof(std::int16_t));
    EXPECT_EQ(sizeof(Accumulator), sizeof(std::int32_t));
    EXPECT_TRUE(std::is_trivially_copyable_v<Mantissa> && std::is_trivially_copyable_v<Accumulator>);
}

}  // namespace
}  // namespace dfp16
