// Where the tensors of a case lie: each in memory of its own, between guards, once for every run of the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "vectors/kernel/shared_memory.h"

namespace dfp16::kernel {

/// The runs of a case. What lies before or behind a tensor is a guard in one of the first two, so that every access
/// outside it shows; the third has gaps between the rows.
enum Run : std::size_t { run_at_rear, run_at_front, run_strided };
inline constexpr std::size_t kRuns = 3;

enum class Role { input, output };

/// One tensor of one run.
struct Place {
    unsigned char* data = nullptr;
    std::size_t bytes = 0;
    unsigned char* canary = nullptr;  ///< begin of what is filled around the tensor
    unsigned char* canary_end = nullptr;
};

/// A tensor of the last case whose memory or guards hold an address.
struct Located {
    Role role = Role::input;
    std::size_t index = 0;
    std::size_t run = 0;
};

class Arena {
public:
    /// Memory for a tensor of a run. What was given for the same tensor and run before is void. Throws std::bad_alloc.
    Place place(Role role, std::size_t index, std::size_t run, std::size_t bytes);
    /// Memory for the structs of the calls, the same every time. Throws std::bad_alloc.
    unsigned char* structs(std::size_t bytes);
    /// What place() gave last.
    const Place& placed(Role role, std::size_t index, std::size_t run) const { return slots(role, run)[index].place; }
    /// Changes whenever there is new memory, which a child forked before does not have.
    unsigned generation() const { return generation_; }
    /// In the child.
    void make_inputs_read_only() const;
    std::optional<Located> locate(std::uintptr_t address) const;

private:
    struct Slot {
        SharedMemory memory;
        Place place;
    };
    using Slots = std::vector<Slot>;
    Slots& slots(Role role, std::size_t run) { return slots_[role == Role::input ? 0 : 1][run]; }
    const Slots& slots(Role role, std::size_t run) const { return slots_[role == Role::input ? 0 : 1][run]; }

    std::array<std::array<Slots, kRuns>, 2> slots_;
    SharedMemory structs_;
    unsigned generation_ = 0;
};

/// Fills what surrounds the tensor.
void fill_canary(const Place& place, unsigned char filler);
/// The byte there that changed, counted from the tensor's first: the nearest one behind it, or before it.
std::optional<std::ptrdiff_t> changed_canary(const Place& place, unsigned char filler);

}  // namespace dfp16::kernel
