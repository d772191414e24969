// Reads an input as a list of choices. Behind its end everything is 0, so that any bytes are a whole input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "tests/fuzz/targets.h"

namespace dfp16::fuzz {

class Choices {
public:
    explicit Choices(Bytes bytes) : rest_(bytes) {}

    bool done() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }
    /// Little-endian.
    std::uint64_t word(int bytes = 4) {
        std::uint64_t value = 0;
        for (int i = 0; i < bytes; ++i) value |= std::uint64_t{byte()} << (8 * i);
        return value;
    }
    /// In [low, high], a range of at most 256.
    std::int64_t pick(std::int64_t low, std::int64_t high) { return low + byte() % (high - low + 1); }
    bool flag() { return (byte() & 1) != 0; }
    /// A length of so many bytes, then that many at most.
    Bytes part(int length_bytes) {
        const std::uint64_t length = word(length_bytes);
        const Bytes value = rest_.first(std::min<std::size_t>(length, rest_.size()));
        rest_ = rest_.subspan(value.size());
        return value;
    }
    std::string text() {
        const Bytes value = part(1);
        return {value.begin(), value.end()};
    }
    Bytes rest() const { return rest_; }

private:
    Bytes rest_;
};

}  // namespace dfp16::fuzz
