#include "fastpath/streaming.h"

#include <unistd.h>

#include <atomic>

namespace dfp16::fast {

namespace {

// Measured: a third level of cache that cores share closely keeps 24 MB. Where each core has a large second level, as
// on Intel's servers since Sapphire Rapids, the third is hardly faster than memory, and the second counts.
std::int64_t bytes_that_caches_keep() {
    constexpr std::int64_t large = std::int64_t{2} << 20;
#ifdef _SC_LEVEL2_CACHE_SIZE
    const std::int64_t second_level = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (second_level >= large) return second_level;
#endif
    return std::int64_t{24} << 20;
}

std::atomic<std::int64_t>& threshold() {
    static std::atomic<std::int64_t> bytes{bytes_that_caches_keep()};
    return bytes;
}

}  // namespace

std::int64_t streamed_bytes() {
    return threshold().load(std::memory_order_relaxed);
}

StreamFrom::StreamFrom(std::int64_t bytes) : before_(threshold().exchange(bytes)) {}

StreamFrom::~StreamFrom() {
    threshold() = before_;
}

}  // namespace dfp16::fast
