#include "vectors/kernel/arena.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dfp16::kernel {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kCanary = 1024;                         // bytes on the side that has no guard next to the tensor
constexpr std::size_t kFirstCapacity = std::size_t{1} << 18;  // enough for most cases, so that memory is seldom new

std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

Place Arena::place(Role role, std::size_t index, std::size_t run, std::size_t bytes) {
    Slots& all = slots(role, run);
    if (all.size() <= index) all.resize(index + 1);
    Slot& slot = all[index];
    if (slot.memory.bytes() < aligned(bytes) + kCanary) {
        slot.memory = SharedMemory(std::max(kFirstCapacity, std::bit_ceil(aligned(bytes) + kCanary)));
        ++generation_;
    }
    if (run == run_at_front) {
        unsigned char* data = slot.memory.begin();
        slot.place = {data, bytes, data, data + aligned(bytes) + kCanary};
    } else {
        unsigned char* data = slot.memory.end() - aligned(bytes);
        slot.place = {data, bytes, data - kCanary, slot.memory.end()};
    }
    return slot.place;
}

unsigned char* Arena::structs(std::size_t bytes) {
    if (structs_.bytes() < bytes) {
        structs_ = SharedMemory(std::max(kFirstCapacity, std::bit_ceil(bytes)));
        ++generation_;
    }
    return structs_.begin();
}

void Arena::make_inputs_read_only() const {
    for (const Slots& run : slots_[0]) {
        for (const Slot& slot : run) {
            if (slot.memory.bytes() > 0) slot.memory.make_read_only();
        }
    }
}

std::optional<Located> Arena::locate(std::uintptr_t address) const {
    for (const Role role : {Role::input, Role::output}) {
        for (std::size_t run = 0; run < kRuns; ++run) {
            for (std::size_t i = 0; i < slots(role, run).size(); ++i) {
                if (slots(role, run)[i].memory.near(address)) return Located{role, i, run};
            }
        }
    }
    return {};
}

void fill_canary(const Place& place, unsigned char filler) {
    std::memset(place.canary, filler, static_cast<std::size_t>(place.data - place.canary));
    unsigned char* behind = place.data + place.bytes;
    std::memset(behind, filler, static_cast<std::size_t>(place.canary_end - behind));
}

std::optional<std::ptrdiff_t> changed_canary(const Place& place, unsigned char filler) {
    const auto changed = [filler](unsigned char byte) { return byte != filler; };
    const unsigned char* behind = place.data + place.bytes;
    const unsigned char* after = std::find_if(behind, static_cast<const unsigned char*>(place.canary_end), changed);
    if (after != place.canary_end) return after - place.data;
    const unsigned char* before = place.data;
    while (before != place.canary) {
        if (changed(*--before)) return before - place.data;
    }
    return {};
}

}  // namespace dfp16::kernel
