// Which instructions the fast path may use: found at run time, forced by name, never silently exchanged.
#pragma once

#include <string>
#include <vector>

namespace dfp16::fast {

/// Each has what those before it have.
enum class Isa { portable, avx2, avx512bw, avx512vnni, amx };
inline constexpr Isa kIsas[] = {Isa::portable, Isa::avx2, Isa::avx512bw, Isa::avx512vnni, Isa::amx};

/// "portable", "avx2", "avx512bw", "avx512vnni", "amx".
const char* name_of(Isa isa);
/// Whether this CPU and operating system run it. avx512bw asks for F, BW, DQ, VL; avx512vnni for VNNI on top; avx2 for
/// AVX2 and FMA; amx for AMX-INT8 and VBMI on top of all, and for the system's permission to use tiles.
bool supported(Isa isa);
/// Those that this CPU has, slowest first; portable is always one.
std::vector<Isa> supported_isas();
/// The ISA for a name; "auto" gives the best one here. Throws InputError for an unknown name and for an ISA that this
/// CPU lacks, naming those that it has.
Isa isa_of(const std::string& name);

}  // namespace dfp16::fast
