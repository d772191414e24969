#include "vectors/shard.h"

#include <charconv>

#include "sim/types/error.h"

namespace dfp16 {

Shard shard_of(const std::string& text) {
    Shard shard{0, 0};
    const char* const end = text.data() + text.size();
    const auto index = std::from_chars(text.data(), end, shard.index);
    if (index.ec == std::errc{} && index.ptr != end && *index.ptr == '/') {
        const auto count = std::from_chars(index.ptr + 1, end, shard.count);
        const bool whole = count.ec == std::errc{} && count.ptr == end;
        if (whole && shard.index >= 1 && shard.index <= shard.count && shard.count <= kMostShards) return shard;
    }
    throw InputError("shard '" + text + "', expected I/N with I from 1 to N, N at most " + std::to_string(kMostShards));
}

}  // namespace dfp16
