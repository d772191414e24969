#include "vectors/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace dfp16 {

namespace {

static_assert(std::endian::native == std::endian::little, "the digest is over little-endian bytes");

class Hasher {
public:
    Hasher() : state_(XXH3_createState(), XXH3_freeState) {
        if (!state_ || XXH3_128bits_reset(state_.get()) != XXH_OK) throw std::bad_alloc();
    }
    void bytes(const void* data, std::size_t size) { XXH3_128bits_update(state_.get(), data, size); }
    void number(std::int64_t value) { bytes(&value, sizeof value); }
    void text(const std::string& text) {
        number(static_cast<std::int64_t>(text.size()));
        bytes(text.data(), text.size());
    }
    std::string hex() const {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
        std::string hex;
        for (const unsigned char byte : canonical.digest) hex += fmt::format("{:02x}", byte);
        return hex;
    }

private:
    std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

void add_tensor(Hasher& hasher, const std::string& name, const HostTensor& tensor, bool scaled) {
    hasher.text(name);
    hasher.text(name_of(tensor.type()));
    hasher.number(static_cast<std::int64_t>(tensor.shape.rank()));
    for (std::size_t i = 0; i < tensor.shape.rank(); ++i) hasher.number(tensor.shape[i]);
    hasher.number(scaled ? tensor.exponent.value : 0);
    std::visit([&](const auto& elements) { hasher.bytes(elements.data(), elements.size() * sizeof elements[0]); },
               tensor.data);
}

}  // namespace

std::string digest_of(const Case& golden_case, const std::string& params) {
    struct Entry {
        std::string name;
        const HostTensor* tensor;
        bool scaled;
    };
    std::vector<Entry> entries;
    const Operands operands = operands_of(golden_case);
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        entries.push_back({"inputs/" + operands.inputs[i].name, &golden_case.inputs[i], operands.inputs[i].scaled});
    }
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        entries.push_back({"outputs/" + operands.outputs[i].name, &golden_case.outputs[i], operands.outputs[i].scaled});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });

    Hasher hasher;
    hasher.text(golden_case.name);
    hasher.text(name_of(golden_case.op));
    hasher.text(params);
    for (const Entry& entry : entries) add_tensor(hasher, entry.name, *entry.tensor, entry.scaled);
    return hasher.hex();
}

}  // namespace dfp16
