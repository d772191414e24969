// The structs of a call, written into memory that the child sees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "vectors/case_header.h"
#include "vectors/kernel/arena.h"
#include "vectors/kernel/dfp16_kernel.h"
#include "vectors/kernel/trial_tensor.h"

namespace dfp16::kernel {

/// The exponent of outputs that the kernel must set.
inline constexpr std::int32_t kUnsetExponent = std::numeric_limits<std::int32_t>::min();

/// Enough for a call with these tensors.
std::size_t struct_bytes(const CaseHeader& header, const std::vector<TrialTensor>& inputs,
                         const std::vector<TrialTensor>& outputs);

class StructWriter {
public:
    /// memory: struct_bytes(), 8-byte aligned.
    StructWriter(unsigned char* memory, std::size_t inputs, std::size_t outputs);

    /// The call, with its parameters; its tensors follow one by one.
    dfp16_call* call(const CaseHeader& header, int threads);
    void input(std::size_t index, const TrialTensor& tensor, std::size_t run, const Place& place, int exponent);
    void output(std::size_t index, const TrialTensor& tensor, std::size_t run, const Place& place);

private:
    template <typename Element>
    Element* take(std::size_t count = 1);
    dfp16_tensor* tensor(const TrialTensor& from, std::size_t run, const Place& place);

    unsigned char* next_;
    std::size_t input_count_;
    std::size_t output_count_;
    dfp16_tensor** inputs_ = nullptr;
    dfp16_tensor** outputs_ = nullptr;
};

}  // namespace dfp16::kernel
