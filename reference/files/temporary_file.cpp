#include "reference/files/temporary_file.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>
#include <utility>

namespace dfp16 {

namespace {

/// Fixed places: a handler may look at them at any moment.
struct Slot {
    std::atomic<bool> taken{false};
    std::atomic<bool> filled{false};
    char path[PATH_MAX];
};

/// A command has two or three such files at once. Further ones are not removed by a signal.
std::array<Slot, 8> slots;

}  // namespace

TemporaryFile::TemporaryFile(std::string path) : path_(std::move(path)) {
    if (path_.size() >= sizeof slots[0].path) return;
    for (std::size_t i = 0; i < slots.size() && slot_ < 0; ++i) {
        if (slots[i].taken.exchange(true)) continue;
        slot_ = static_cast<int>(i);
        std::memcpy(slots[i].path, path_.c_str(), path_.size() + 1);
        slots[i].filled = true;
    }
}

TemporaryFile::~TemporaryFile() {
    if (slot_ < 0) return;
    Slot& slot = slots[static_cast<std::size_t>(slot_)];
    slot.filled = false;
    slot.taken = false;
}

void remove_temporary_files() noexcept {
    for (const Slot& slot : slots) {
        if (slot.filled) unlink(slot.path);
    }
}

}  // namespace dfp16
