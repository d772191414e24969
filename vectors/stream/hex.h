// Elements as hexadecimal digits of a fixed width, two's complement or IEEE bits: 4 digits for 16 bits, 8 for 32.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace dfp16::hex {

namespace detail {

/// The two digits of every byte.
constexpr std::array<std::array<char, 2>, 256> pairs() {
    constexpr char kDigits[] = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> table{};
    for (std::size_t i = 0; i < 256; ++i) table[i] = {kDigits[i >> 4], kDigits[i & 15]};
    return table;
}

/// The value of every character that is a digit of either case; -1 for the others.
constexpr std::array<std::int8_t, 256> values() {
    std::array<std::int8_t, 256> table{};
    for (std::int8_t& value : table) value = -1;
    for (std::size_t i = 0; i < 10; ++i) table['0' + i] = static_cast<std::int8_t>(i);
    for (std::size_t i = 0; i < 6; ++i) {
        table['a' + i] = table['A' + i] = static_cast<std::int8_t>(10 + i);
    }
    return table;
}

inline constexpr auto kPairs = pairs();
inline constexpr auto kValues = values();

}  // namespace detail

/// Writes the digits of `bits`, most significant first; gives the end.
template <typename Bits>
char* write(char* out, Bits bits) {
    for (int shift = static_cast<int>(sizeof(Bits)) * 8 - 8; shift >= 0; shift -= 8) {
        std::memcpy(out, detail::kPairs[(bits >> shift) & 0xff].data(), 2);
        out += 2;
    }
    return out;
}

/// The number that 2 * sizeof(Bits) characters give; negative if one of them is no digit.
template <typename Bits>
std::int64_t read(const char* text) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 2 * sizeof(Bits); ++i) {
        value = value * 16 | detail::kValues[static_cast<unsigned char>(text[i])];
    }
    return value;
}

}  // namespace dfp16::hex
