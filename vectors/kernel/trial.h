// One case given to one entry of the library: lays out its tensors, lets the child run, and judges what came back.
#pragma once

#include <vector>

#include "reference/interface/host_tensor.h"
#include "vectors/case_header.h"
#include "vectors/kernel/arena.h"
#include "vectors/kernel/process.h"
#include "vectors/kernel/trial_tensor.h"
#include "vectors/operands.h"

namespace dfp16::kernel {

class Trial {
public:
    /// Process, arena, header and operands must outlive it. entry: its number in the catalog.
    Trial(Process& process, Arena& arena, const CaseHeader& header, const Operands& operands,
          const CatalogEntry& layouts, std::size_t entry, int threads);

    /// Whether the layouts that the entry asks for exist for the ranks of the case.
    bool fits() const;
    /// Runs the case and fills the outputs, which may be tensors of the inputs. False if the kernel does not support
    /// it. Throws KernelFault; InputError if the library can no longer be loaded.
    bool run(const std::vector<const HostTensor*>& inputs, const std::vector<HostTensor*>& outputs);

private:
    void lay_out();
    void write_structs(const std::vector<const HostTensor*>& inputs);
    void fill(const std::vector<const HostTensor*>& inputs);
    [[noreturn]] void report(Ending ending) const;
    /// False if the kernel does not support the case.
    bool check_status() const;
    void check_environment(std::size_t run) const;
    void check_canaries(std::size_t run) const;
    void check_exponents() const;
    void check_same_answers(std::size_t output) const;
    /// The memory of a run must be what packing the answer gives, padding and all.
    void check_memory(std::size_t output, std::size_t run, const HostTensor& answer) const;

    Process& process_;
    Arena& arena_;
    const CaseHeader& header_;
    std::size_t entry_;
    int threads_;
    std::size_t runs_ = 2;
    std::vector<TrialTensor> inputs_;
    std::vector<TrialTensor> outputs_;
};

}  // namespace dfp16::kernel
