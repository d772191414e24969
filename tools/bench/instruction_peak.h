// The rate at which a core executes multiply-add instructions when nothing else holds it up.
#pragma once

#include <cstdint>
#include <memory>

#include "fastpath/isa.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::bench {

/// A generated loop over registers only, of the instructions that an ISA's dot tiles are made of: VPDPWSSD
/// (avx512vnni, amx), VPMADDWD and VPADDD in ZMM (avx512bw) or YMM (avx2).
class InstructionPeak {
public:
    explicit InstructionPeak(fast::Isa isa);
    ~InstructionPeak();

    /// Multiply-adds of INT16 in one call of run().
    std::int64_t macs(int threads) const;
    /// Runs on every thread of the pool.
    void run(ThreadPool& pool) const;

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace dfp16::bench
