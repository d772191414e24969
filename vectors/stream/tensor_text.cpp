#include "vectors/stream/tensor_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/types/error.h"
#include "vectors/stream/hex.h"

namespace dfp16 {

namespace {

void expect(TextReader& text, const char* what, const std::string& expected) {
    const std::string found = text.word();
    if (found != expected) {
        throw InputError(std::string(what) + (found.empty() ? " is missing" : " is " + shown(found)) + ", expected " +
                         expected);
    }
}

Exponent read_exponent(TextReader& text, const Operand& operand) {
    const int factor = !operand.scaled ? 0 : operand.type == ElementType::accumulator ? 2 : 1;
    const int least = factor * kExponentMin;
    const int most = factor * (kExponentMax + kHeadroomMax);
    const std::string word = text.word();
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < least || value > most) {
        throw InputError(
            "exponent is " + shown(word) + ", expected " +
            (operand.scaled ? std::to_string(least) + " to " + std::to_string(most) : "0, as it has none"));
    }
    return {value};
}

/// One element, however many blanks there are before it.
template <typename Bits>
Bits read_element(TextReader& text, std::int64_t index, std::int64_t count) {
    const bool apart = text.skip_blanks();
    const std::string word = text.word(2 * sizeof(Bits) + 1);
    if (word.empty()) {
        throw InputError(std::to_string(index) + " elements, expected " + std::to_string(count));
    }
    const std::int64_t value = word.size() == 2 * sizeof(Bits) ? hex::read<Bits>(word.data()) : -1;
    if (value < 0 || !apart) {
        throw InputError("element " + std::to_string(index) + " is " + shown(word) + ", expected " +
                         std::to_string(2 * sizeof(Bits)) + " hexadecimal digits behind a blank");
    }
    return static_cast<Bits>(value);
}

/// Elements that are each one blank and their digits, as far as they have been read; gives how many.
template <typename Bits, typename T>
std::size_t read_ahead(TextReader& text, T* into, std::size_t count) {
    constexpr std::size_t kWidth = 1 + 2 * sizeof(Bits);
    const std::string_view ahead = text.ahead();
    const std::size_t most = std::min(count, ahead.size() / kWidth);
    std::size_t i = 0;
    for (const char* at = ahead.data(); i < most; ++i, at += kWidth) {
        const std::int64_t value = hex::read<Bits>(at + 1);
        if (*at != ' ' || value < 0) break;
        into[i] = std::bit_cast<T>(static_cast<Bits>(value));
    }
    text.take(i * kWidth);
    return i;
}

template <typename T>
void read_elements(TextReader& text, std::vector<T>& elements, std::size_t count) {
    using Bits = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>;
    constexpr std::size_t kBlock = std::size_t{1} << 16;
    while (elements.size() < count) {
        std::size_t done = elements.size();
        const std::size_t end = std::min(count, done + kBlock);
        elements.resize(end);
        while (done < end) {
            done += read_ahead<Bits>(text, &elements[done], end - done);
            if (done == end) break;
            const auto bits =
                read_element<Bits>(text, static_cast<std::int64_t>(done), static_cast<std::int64_t>(count));
            elements[done++] = std::bit_cast<T>(bits);
        }
    }
}

}  // namespace

HostTensor read_tensor_text(TextReader& text, const Operand& operand) {
    expect(text, "type", name_of(operand.type));
    expect(text, "shape", operand.shape.text());
    HostTensor tensor;
    tensor.shape = operand.shape;
    tensor.exponent = read_exponent(text, operand);
    const auto count = static_cast<std::size_t>(operand.shape.elements());
    switch (operand.type) {
        case ElementType::mantissa: read_elements(text, tensor.data.emplace<std::vector<Mantissa>>(), count); break;
        case ElementType::accumulator:
            read_elements(text, tensor.data.emplace<std::vector<Accumulator>>(), count);
            break;
        case ElementType::fp32: read_elements(text, tensor.data.emplace<std::vector<float>>(), count); break;
        case ElementType::label: read_elements(text, tensor.data.emplace<std::vector<Label>>(), count); break;
    }
    if (!text.at_end_of_line()) {
        throw InputError(shown(text.word()) + " behind its last element, expected " + std::to_string(count) +
                         " elements");
    }
    return tensor;
}

}  // namespace dfp16
