// Operands for tests: corner classes as TestFloat has them, and a repeatable source of random ones.
#pragma once

#include <cstdint>
#include <vector>

namespace oracle {

/// Integers of `bits` bits (two's complement), sorted, each once: extremes, walking ones and zeros, powers of two and
/// their neighbours, sums and differences of two powers; of both signs.
std::vector<std::int64_t> corner_integers(int bits);

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Source {
public:
    explicit Source(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    /// 0 .. bound - 1.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// Half of them corners, the others uniform in magnitude's logarithm or in value.
    std::int16_t int16();
    std::int32_t int32();

private:
    std::int64_t integer(int bits, const std::vector<std::int64_t>& corners);
    std::uint64_t state_;
};

}  // namespace oracle
