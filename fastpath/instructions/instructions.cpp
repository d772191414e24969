#include "fastpath/instructions/instructions.h"

#include <string>

#include "fastpath/instructions/instruction_table.h"
#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

using Run = void (*)(const InstructionRun&);

struct InstructionRow {
    OpKind kind;
    bool only_512;
    Run portable;
    Run avx2;  ///< 128 and 256 bits, unmasked; null: portable code serves
    Run avx512bw;
    Run avx512vnni;
};

constexpr InstructionRow kRows[] = {
    {OpKind::vpmaddwd, false, vpmaddwd_portable, vpmaddwd_avx2, vpmaddwd_avx512bw, vpmaddwd_avx512bw},
    {OpKind::vpdpwssd, false, vpdpwssd_portable, vpdpwssd_avx2, vpdpwssd_avx512bw, vpdpwssd_avx512vnni},
    {OpKind::vpdpwssds, false, vpdpwssds_portable, nullptr, nullptr, vpdpwssds_avx512vnni},
    {OpKind::vp4dpwssd, true, vp4dpwssd_portable, nullptr, nullptr, vp4dpwssd_avx512vnni},
    {OpKind::vp4dpwssds, true, vp4dpwssds_portable, nullptr, nullptr, vp4dpwssds_avx512vnni},
};

const InstructionRow* find(OpKind kind) {
    for (const InstructionRow& row : kRows) {
        if (row.kind == kind) return &row;
    }
    return nullptr;
}

// The ISA's own code if it has some for this form, else portable code.
Run code_for(const InstructionRow& row, Isa isa, const InstructionParams& params) {
    Run own = nullptr;
    switch (isa) {
        case Isa::portable: break;
        case Isa::avx2: own = params.width < 512 && params.masking == Masking::none ? row.avx2 : nullptr; break;
        case Isa::avx512bw: own = row.avx512bw; break;
        case Isa::avx512vnni:
        case Isa::amx: own = row.avx512vnni; break;
    }
    return own != nullptr ? own : row.portable;
}

}  // namespace

bool instruction_supported(Isa isa, OpKind kind, const InstructionParams& params) {
    const InstructionRow* row = find(kind);
    if (row == nullptr || !supported(isa)) return false;
    if (params.width == 512) return true;
    return !row->only_512 && (params.width == 128 || params.width == 256);
}

void run_instruction(Isa isa, OpKind kind, const InstructionParams& params, std::int64_t count, const std::int16_t* a,
                     const std::int16_t* b, const std::int32_t* c, const std::int32_t* k, std::int32_t* d) {
    if (!instruction_supported(isa, kind, params)) {
        throw InputError(std::string(name_of(kind)) + " of " + std::to_string(params.width) + " bits: not on " +
                         name_of(isa) + "; widths are 128, 256, 512 (four-step forms: 512)");
    }
    const InstructionRun run{params.width / 32, params.masking == Masking::zero, count, a, b, c, k, d};
    code_for(*find(kind), isa, params)(run);
}

}  // namespace dfp16::fast
