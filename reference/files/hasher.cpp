#include "reference/files/hasher.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <new>

namespace dfp16 {

static_assert(std::endian::native == std::endian::little, "the digest is over little-endian bytes");

namespace {

Hasher::Digest canonical(XXH128_hash_t hash) {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    Hasher::Digest digest{};
    std::copy(std::begin(bytes.digest), std::end(bytes.digest), digest.begin());
    return digest;
}

}  // namespace

struct Hasher::State {
    std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> xxh{XXH3_createState(), XXH3_freeState};
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
    if (!state_->xxh || XXH3_128bits_reset(state_->xxh.get()) != XXH_OK) throw std::bad_alloc();
}

Hasher::~Hasher() = default;

void Hasher::bytes(const void* data, std::size_t size) {
    XXH3_128bits_update(state_->xxh.get(), data, size);
}

void Hasher::number(std::int64_t value) {
    bytes(&value, sizeof value);
}

void Hasher::text(const std::string& text) {
    number(static_cast<std::int64_t>(text.size()));
    bytes(text.data(), text.size());
}

Hasher::Digest Hasher::digest() const {
    return canonical(XXH3_128bits_digest(state_->xxh.get()));
}

std::string Hasher::hex() const {
    std::string hex;
    for (const std::uint8_t byte : digest()) hex += fmt::format("{:02x}", byte);
    return hex;
}

Hasher::Digest digest_of_bytes(const void* data, std::size_t size) {
    return canonical(XXH3_128bits(data, size));
}

}  // namespace dfp16
