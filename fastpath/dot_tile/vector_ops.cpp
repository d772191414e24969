#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

const VectorOps& vector_ops(Isa isa) {
    switch (isa) {
        case Isa::portable: return kVectorOpsPortable;
        case Isa::avx2: return kVectorOpsAvx2;
        case Isa::avx512bw:
        case Isa::avx512vnni:
        case Isa::amx: return kVectorOpsAvx512bw;
    }
    return kVectorOpsPortable;
}

DotTile compiled_dot_tile(Isa isa, Policy policy) {
    const VectorOps& ops = vector_ops(isa);
    switch (policy) {
        case Policy::exact: return ops.dot_tile_exact;
        case Policy::chain: return ops.dot_tile_chain;
        case Policy::wrap: return ops.dot_tile_wrap;
        case Policy::saturate: return ops.dot_tile_saturate;
        case Policy::fma: break;  // no INT16 sum
    }
    return ops.dot_tile_exact;
}

std::uint32_t finish(Isa isa, Policy policy, const FinishArguments& arguments) {
    const VectorOps& ops = vector_ops(isa);
    switch (policy) {
        case Policy::exact: return ops.finish_exact(arguments);
        case Policy::chain: return ops.finish_chain(arguments);
        case Policy::wrap:
        case Policy::saturate: return ops.finish_integer(arguments);
        case Policy::fma: break;
    }
    return 0;
}

std::uint32_t quantize(Isa isa, Policy policy, const QuantizeArguments& arguments) {
    const VectorOps& ops = vector_ops(isa);
    return policy == Policy::exact ? ops.quantize_exact(arguments) : ops.quantize_chain(arguments);
}

}  // namespace dfp16::fast
