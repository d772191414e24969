#include "fastpath/isa.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

// CPUID leaf 7: EDX bits 24 and 25 (SDM volume 2, CPUID).
bool has_amx_int8() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d >> 24 & 3) == 3;
}

// Linux lets a process use tile registers once it has asked (arch_prctl(2), ARCH_REQ_XCOMP_PERM of XTILEDATA).
bool tiles_permitted() {
    constexpr long request = 0x1023;
    constexpr long tile_data = 18;
    static const bool permitted = syscall(SYS_arch_prctl, request, tile_data) == 0;
    return permitted;
}

}  // namespace

const char* name_of(Isa isa) {
    switch (isa) {
        case Isa::portable: return "portable";
        case Isa::avx2: return "avx2";
        case Isa::avx512bw: return "avx512bw";
        case Isa::avx512vnni: return "avx512vnni";
        case Isa::amx: return "amx";
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
        case Isa::amx:
            return supported(Isa::avx512vnni) && __builtin_cpu_supports("avx512vbmi") && has_amx_int8() &&
                   tiles_permitted();
    }
    return false;
}

std::vector<Isa> supported_isas() {
    std::vector<Isa> isas;
    for (const Isa isa : kIsas) {
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
    for (const Isa isa : kIsas) {
        if (name == name_of(isa)) throw InputError("isa " + name + ": this CPU lacks it; it has auto" + here);
    }
    throw InputError("isa " + name + ": unknown; this CPU has auto" + here);
}

}  // namespace dfp16::fast
