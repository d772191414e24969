// The executions of each ISA. Plain types only: sources that are compiled for one ISA include this.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// Executions of one instruction; arrays as run_instruction has them.
struct InstructionRun {
    int lanes = 16;     ///< 4, 8 or 16
    bool zero = false;  ///< lanes whose mask bit is 0 become 0; else they keep c
    std::int64_t count = 0;
    const std::int16_t* a = nullptr;
    const std::int16_t* b = nullptr;
    const std::int32_t* c = nullptr;
    const std::int32_t* k = nullptr;
    std::int32_t* d = nullptr;
};

void vpmaddwd_portable(const InstructionRun& run);
void vpdpwssd_portable(const InstructionRun& run);
void vpdpwssds_portable(const InstructionRun& run);
void vp4dpwssd_portable(const InstructionRun& run);
void vp4dpwssds_portable(const InstructionRun& run);

/// 128 and 256 bits, unmasked.
void vpmaddwd_avx2(const InstructionRun& run);
/// VPMADDWD and VPADDD; 128 and 256 bits, unmasked.
void vpdpwssd_avx2(const InstructionRun& run);

void vpmaddwd_avx512bw(const InstructionRun& run);
/// VPMADDWD and VPADDD.
void vpdpwssd_avx512bw(const InstructionRun& run);

void vpdpwssd_avx512vnni(const InstructionRun& run);
void vpdpwssds_avx512vnni(const InstructionRun& run);
/// As four VPDPWSSD(S).
void vp4dpwssd_avx512vnni(const InstructionRun& run);
void vp4dpwssds_avx512vnni(const InstructionRun& run);

}  // namespace dfp16::fast
