#include "tools/bench/instruction_peak.h"

#include <xbyak/xbyak.h>

#include "sim/types/error.h"

namespace dfp16::bench {

namespace {

constexpr std::int64_t kIterations = 8000;
constexpr int kPiecesPerThread = 64;

}  // namespace

class InstructionPeak::Loop : public Xbyak::CodeGenerator {
public:
    explicit Loop(fast::Isa isa) : isa_(isa), accumulators_(isa == fast::Isa::avx2 ? 10 : 24) {
        const int registers = accumulators_ + 4;
        for (int i = 0; i < registers; ++i) vpxor(Xbyak::Xmm(i % 16), Xbyak::Xmm(i % 16), Xbyak::Xmm(i % 16));
        if (isa != fast::Isa::avx2) {
            for (int i = 16; i < registers; ++i) vpxord(Xbyak::Zmm(i), Xbyak::Zmm(i), Xbyak::Zmm(i));
        }
        mov(rax, kIterations);
        align(32);
        Xbyak::Label next;
        L(next);
        for (int i = 0; i < accumulators_; ++i) multiply_add(i);
        dec(rax);
        jnz(next, T_NEAR);
        vzeroupper();
        ret();
    }

    void run() const { getCode<void (*)()>()(); }
    std::int64_t macs() const { return kIterations * accumulators_ * (isa_ == fast::Isa::avx2 ? 16 : 32); }

private:
    void multiply_add(int i) {
        const int operand = accumulators_;
        const int product = accumulators_ + 2 + i % 2;
        if (isa_ >= fast::Isa::avx512vnni) {
            vpdpwssd(Xbyak::Zmm(i), Xbyak::Zmm(operand), Xbyak::Zmm(operand + 1));
        } else if (isa_ == fast::Isa::avx512bw) {
            vpmaddwd(Xbyak::Zmm(product), Xbyak::Zmm(operand), Xbyak::Zmm(operand + 1));
            vpaddd(Xbyak::Zmm(i), Xbyak::Zmm(i), Xbyak::Zmm(product));
        } else {
            vpmaddwd(Xbyak::Ymm(product), Xbyak::Ymm(operand), Xbyak::Ymm(operand + 1));
            vpaddd(Xbyak::Ymm(i), Xbyak::Ymm(i), Xbyak::Ymm(product));
        }
    }

    fast::Isa isa_;
    int accumulators_;
};

InstructionPeak::InstructionPeak(fast::Isa isa) {
    if (isa == fast::Isa::portable) {
        throw InputError("the ISA portable has no instruction peak to be held against, expected avx2 or better");
    }
    loop_ = std::make_unique<Loop>(isa);
}

InstructionPeak::~InstructionPeak() = default;

std::int64_t InstructionPeak::macs(int threads) const {
    return loop_->macs() * threads * kPiecesPerThread;
}

void InstructionPeak::run(ThreadPool& pool) const {
    pool.parallel_for(pool.threads() * kPiecesPerThread, [&](std::int64_t, int) { loop_->run(); });
}

}  // namespace dfp16::bench
