#include "vectors/kernel/trap_text.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>

#include <optional>

namespace dfp16::kernel {

namespace {

constexpr std::uintptr_t kNullPage = 4096;
constexpr std::uintptr_t kStackReach = 1 << 16;  // a frame may go that far below the stack pointer, or above

const char* verb_of(const Trap& trap) {
    return !trap.knows_write ? "accessed" : trap.write ? "wrote" : "read";
}

/// Nothing if the address belongs to no tensor of the case.
std::optional<KernelFault> tensor_fault(const Trap& trap, const Arena& arena, const std::vector<TrialTensor>& inputs,
                                        const std::vector<TrialTensor>& outputs) {
    const std::optional<Located> located = arena.locate(trap.address);
    if (!located) return {};
    const std::vector<TrialTensor>& tensors = located->role == Role::input ? inputs : outputs;
    if (located->index >= tensors.size()) return {};
    const TrialTensor& tensor = tensors[located->index];
    const Place& place = arena.placed(located->role, located->index, located->run);
    const auto offset = static_cast<std::ptrdiff_t>(trap.address - reinterpret_cast<std::uintptr_t>(place.data));
    if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(place.bytes)) {
        return KernelFault(FaultKind::outside_access,
                           fmt::format("{} {}", verb_of(trap), text_of_distance(tensor, offset, place.bytes)));
    }
    if (located->role == Role::output) return {};
    const Form& form = tensor.form(located->run);
    const auto element = offset / static_cast<std::ptrdiff_t>(form.element_bytes());
    return KernelFault(FaultKind::input_changed, "wrote to " + tensor.text_at(form, element));
}

std::string crash_text(const Trap& trap) {
    const char* name = strsignal(trap.number);
    if (trap.number == SIGILL) return fmt::format("{}: an instruction that this CPU lacks, or a trap", name);
    if (trap.number != SIGSEGV && trap.number != SIGBUS) return name;
    if (!trap.has_address) return fmt::format("{}: a misaligned vector access, or a pointer to nowhere", name);
    if (trap.address < kNullPage) return fmt::format("{}: {} through a null pointer", name, verb_of(trap));
    if (trap.stack != 0 && trap.address + kStackReach >= trap.stack && trap.address < trap.stack + kStackReach) {
        return fmt::format("{}: stack overflow", name);
    }
    return fmt::format("{}: {} address {:#x}, far from every tensor", name, verb_of(trap), trap.address);
}

}  // namespace

KernelFault fault_of(const Trap& trap, const Arena& arena, const std::vector<TrialTensor>& inputs,
                     const std::vector<TrialTensor>& outputs) {
    if (trap.has_address) {
        const std::optional<KernelFault> fault = tensor_fault(trap, arena, inputs, outputs);
        if (fault) return *fault;
    }
    return {FaultKind::crash, crash_text(trap)};
}

}  // namespace dfp16::kernel
