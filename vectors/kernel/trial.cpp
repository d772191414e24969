#include "vectors/kernel/trial.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>

#include "vectors/kernel/call_structs.h"
#include "vectors/kernel/environment.h"
#include "vectors/kernel/trap_text.h"

namespace dfp16::kernel {

namespace {

/// What outputs and surroundings hold before each run: different, so that it shows where a kernel reads or leaves it.
constexpr std::array<unsigned char, kRuns> kFiller = {0xA5, 0x7B, 0xD2};

std::vector<TrialTensor> trial_tensors(Role role, const std::vector<Operand>& operands,
                                       const std::array<std::int32_t, DFP16_LAYOUTS>& layouts) {
    std::vector<TrialTensor> tensors;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::int32_t layout = layouts[std::min<std::size_t>(i, DFP16_LAYOUTS - 1)];
        const Operand& operand = operands[i];
        tensors.push_back({role, &operand, dense_form(layout, operand.type, operand.shape),
                           strided_form(layout, operand.type, operand.shape)});
    }
    return tensors;
}

/// The first element of `bytes` that differs; -1: none.
std::int64_t first_difference(const Form& form, const unsigned char* a, const unsigned char* b) {
    if (memcmp(a, b, form.bytes()) == 0) return -1;
    const auto byte = std::mismatch(a, a + form.bytes(), b).first - a;
    return byte / static_cast<std::ptrdiff_t>(form.element_bytes());
}

std::uint32_t bits_at(const Form& form, const unsigned char* data, std::int64_t element) {
    std::uint32_t bits = 0;
    memcpy(&bits, data + static_cast<std::size_t>(element) * form.element_bytes(), form.element_bytes());
    return bits;
}

std::uint32_t filler_bits(const Form& form, std::size_t run) {
    std::uint32_t bits = 0;
    memset(&bits, kFiller[run], form.element_bytes());
    return bits;
}

}  // namespace

Trial::Trial(Process& process, Arena& arena, const CaseHeader& header, const Operands& operands,
             const CatalogEntry& layouts, std::size_t entry, int threads)
    : process_(process),
      arena_(arena),
      header_(header),
      entry_(entry),
      threads_(threads),
      inputs_(trial_tensors(Role::input, operands.inputs, layouts.input_layouts)),
      outputs_(trial_tensors(Role::output, operands.outputs, layouts.output_layouts)) {
    const auto has_gaps = [](const TrialTensor& tensor) { return tensor.strided.stride != tensor.dense.stride; };
    const bool gaps = std::any_of(inputs_.begin(), inputs_.end(), has_gaps) ||
                      std::any_of(outputs_.begin(), outputs_.end(), has_gaps);
    if (gaps && (layouts.flags & DFP16_KERNEL_STRIDED) != 0) runs_ = 3;
}

bool Trial::fits() const {
    const auto fits = [](const TrialTensor& tensor) {
        return layout_fits(tensor.dense.layout, tensor.dense.shape.rank());
    };
    return std::all_of(inputs_.begin(), inputs_.end(), fits) && std::all_of(outputs_.begin(), outputs_.end(), fits);
}

bool Trial::run(const std::vector<const HostTensor*>& inputs, const std::vector<HostTensor*>& outputs) {
    lay_out();
    process_.start(arena_);
    write_structs(inputs);
    fill(inputs);
    const Ending ending = process_.run_calls();
    if (ending != Ending::done) report(ending);
    if (!check_status()) return false;
    for (std::size_t run = 0; run < runs_; ++run) {
        check_environment(run);
        check_canaries(run);
    }
    check_exponents();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        check_same_answers(i);
        HostTensor& answer = *outputs[i];
        unpack(arena_.placed(Role::output, i, run_at_rear).data, outputs_[i].dense, answer);
        if (outputs_[i].operand->scaled) answer.exponent = {process_.control().calls[0]->outputs[i]->exponent};
        if (outputs_[i].dense.padded()) check_memory(i, run_at_rear, answer);
        if (runs_ > run_strided) check_memory(i, run_strided, answer);
    }
    return true;
}

void Trial::lay_out() {
    for (std::size_t run = 0; run < runs_; ++run) {
        for (const std::vector<TrialTensor>* tensors : {&inputs_, &outputs_}) {
            for (std::size_t i = 0; i < tensors->size(); ++i) {
                arena_.place((*tensors)[i].role, i, run, (*tensors)[i].form(run).bytes());
            }
        }
    }
    arena_.structs(struct_bytes(header_, inputs_, outputs_) * runs_);
}

void Trial::write_structs(const std::vector<const HostTensor*>& inputs) {
    const std::size_t bytes = struct_bytes(header_, inputs_, outputs_);
    unsigned char* memory = arena_.structs(bytes * runs_);
    Control& control = process_.control();
    control.entry = entry_;
    control.runs = runs_;
    control.status = {};
    for (std::size_t run = 0; run < runs_; ++run) {
        StructWriter writer(memory + run * bytes, inputs_.size(), outputs_.size());
        control.calls[run] = writer.call(header_, threads_);
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            writer.input(i, inputs_[i], run, arena_.placed(Role::input, i, run), inputs[i]->exponent.value);
        }
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            writer.output(i, outputs_[i], run, arena_.placed(Role::output, i, run));
        }
    }
}

void Trial::fill(const std::vector<const HostTensor*>& inputs) {
    for (std::size_t run = 0; run < runs_; ++run) {
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            const Place& place = arena_.placed(Role::input, i, run);
            fill_canary(place, kFiller[run]);
            if (run == run_at_front) {  // the same bytes as at the rear
                memcpy(place.data, arena_.placed(Role::input, i, run_at_rear).data, place.bytes);
            } else {
                pack(*inputs[i], inputs_[i].form(run), kFiller[run], place.data);
            }
        }
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            const Place& place = arena_.placed(Role::output, i, run);
            memset(place.canary, kFiller[run], static_cast<std::size_t>(place.canary_end - place.canary));
        }
    }
}

void Trial::report(Ending ending) const {
    const Control& control = process_.control();
    switch (ending) {
        case Ending::trapped: throw fault_of(control.trap, arena_, inputs_, outputs_);
        case Ending::exited:
            throw KernelFault(FaultKind::failed, fmt::format("ended its process: exit({})", control.exit_status));
        case Ending::hung:
            throw KernelFault(FaultKind::hang,
                              fmt::format("no answer within {} s", process_.time_limit().count() / 1e3));
        default: throw KernelFault(FaultKind::failed, "its process " + process_.farewell());
    }
}

bool Trial::check_status() const {
    const Control& control = process_.control();
    if (control.status[0] == DFP16_UNSUPPORTED) return false;
    for (std::size_t run = 0; run < runs_; ++run) {
        const int status = control.status[run];
        if (status == DFP16_DONE) continue;
        if (status != DFP16_UNSUPPORTED) throw KernelFault(FaultKind::failed, fmt::format("returned error {}", status));
        const char* when = run == run_strided ? "padded strides" : "a second run with the same inputs";
        throw KernelFault(FaultKind::unstable,
                          fmt::format("answered once, but returned DFP16_UNSUPPORTED on {}", when));
    }
    return true;
}

void Trial::check_environment(std::size_t run) const {
    const EnvironmentChange& change = process_.control().environment[run];
    if (change.any()) throw KernelFault(FaultKind::environment_changed, text_of(change));
}

void Trial::check_canaries(std::size_t run) const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Place& place = arena_.placed(Role::output, i, run);
        const std::optional<std::ptrdiff_t> offset = changed_canary(place, kFiller[run]);
        if (!offset) continue;
        throw KernelFault(FaultKind::outside_access, "wrote " + text_of_distance(outputs_[i], *offset, place.bytes));
    }
}

void Trial::check_exponents() const {
    const Control& control = process_.control();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (!outputs_[i].operand->scaled) continue;
        const std::int32_t first = control.calls[0]->outputs[i]->exponent;
        if (first == kUnsetExponent) {
            throw KernelFault(FaultKind::malformed, "did not set the exponent of " + outputs_[i].text());
        }
        for (std::size_t run = 1; run < runs_; ++run) {
            const std::int32_t other = control.calls[run]->outputs[i]->exponent;
            if (other == first) continue;
            throw KernelFault(FaultKind::unstable,
                              fmt::format("{} got exponent {}, on another run with the same inputs {}",
                                          outputs_[i].text(), first, other));
        }
    }
}

void Trial::check_same_answers(std::size_t output) const {
    const TrialTensor& tensor = outputs_[output];
    const Form& form = tensor.dense;
    const unsigned char* rear = arena_.placed(Role::output, output, run_at_rear).data;
    const unsigned char* front = arena_.placed(Role::output, output, run_at_front).data;
    const std::int64_t element = first_difference(form, rear, front);
    if (element < 0) return;
    const std::uint32_t first = bits_at(form, rear, element);
    const std::uint32_t second = bits_at(form, front, element);
    const bool unwritten = first == filler_bits(form, run_at_rear) && second == filler_bits(form, run_at_front);
    if (!within_shape(form, element)) {
        throw KernelFault(FaultKind::malformed,
                          fmt::format("padding of {} is {}, expected zeros", tensor.text_at(form, element),
                                      unwritten ? "not written" : fmt::format("{:#x}", first)));
    }
    if (unwritten) throw KernelFault(FaultKind::unstable, "did not write " + tensor.text_at(form, element));
    throw KernelFault(FaultKind::unstable, fmt::format("{} is {:#x}, on a second run with the same inputs {:#x}",
                                                       tensor.text_at(form, element), first, second));
}

void Trial::check_memory(std::size_t output, std::size_t run, const HostTensor& answer) const {
    const TrialTensor& tensor = outputs_[output];
    const Form& form = tensor.form(run);
    std::vector<unsigned char> expected(form.bytes());
    pack(answer, form, kFiller[run], expected.data());
    const unsigned char* got = arena_.placed(Role::output, output, run).data;
    const std::int64_t element = first_difference(form, expected.data(), got);
    if (element < 0) return;
    const std::uint32_t bits = bits_at(form, got, element);
    if (within_shape(form, element)) {
        throw KernelFault(FaultKind::unstable,
                          fmt::format("{} is {:#x}, on padded strides {:#x}", tensor.text_at(form, element),
                                      bits_at(form, expected.data(), element), bits));
    }
    if (form.layout == DFP16_PLAIN) {
        throw KernelFault(FaultKind::outside_access,
                          "wrote between the rows of padded strides: " + tensor.text_at(form, element));
    }
    throw KernelFault(FaultKind::malformed,
                      fmt::format("padding of {} is {:#x}, expected zeros", tensor.text_at(form, element), bits));
}

}  // namespace dfp16::kernel
