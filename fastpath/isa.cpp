#include "fastpath/isa.h"

#include "sim/types/error.h"

namespace dfp16::fast {

const char* name_of(Isa isa) {
    switch (isa) {
        case Isa::portable: return "portable";
        case Isa::avx2: return "avx2";
        case Isa::avx512bw: return "avx512bw";
        case Isa::avx512vnni: return "avx512vnni";
    }
    return "unknown";
}

// The builtin asks the operating system (XCR0) as well as the CPU.
bool supported(Isa isa) {
    switch (isa) {
        case Isa::portable: return true;
        case Isa::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        case Isa::avx512bw:
            return supported(Isa::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
        case Isa::avx512vnni: return supported(Isa::avx512bw) && __builtin_cpu_supports("avx512vnni");
    }
    return false;
}

std::vector<Isa> supported_isas() {
    std::vector<Isa> isas;
    for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512bw, Isa::avx512vnni}) {
        if (supported(isa)) isas.push_back(isa);
    }
    return isas;
}

Isa isa_of(const std::string& name) {
    const std::vector<Isa> isas = supported_isas();
    if (name == "auto") return isas.back();
    std::string here;
    for (const Isa isa : isas) {
        if (name == name_of(isa)) return isa;
        here += std::string(" ") + name_of(isa);
    }
    for (const Isa isa : {Isa::avx2, Isa::avx512bw, Isa::avx512vnni}) {
        if (name == name_of(isa)) throw InputError("isa " + name + ": this CPU lacks it; it has auto" + here);
    }
    throw InputError("isa " + name + ": unknown; this CPU has auto" + here);
}

}  // namespace dfp16::fast
