// XXH3-128 over little-endian bytes: tells damage, keeps no secret.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace dfp16 {

class Hasher {
public:
    using Digest = std::array<std::uint8_t, 16>;  ///< XXH3-128, canonical (big-endian) form

    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void bytes(const void* data, std::size_t size);
    /// As 8 bytes.
    void number(std::int64_t value);
    /// Its length as a number, then its bytes.
    void text(const std::string& text);
    Digest digest() const;
    /// The digest as 32 lower-case hexadecimal digits.
    std::string hex() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The digest of one run of bytes.
Hasher::Digest digest_of_bytes(const void* data, std::size_t size);

}  // namespace dfp16
