// What an operation needs besides its tensors.
#pragma once

#include "fastpath/elementwise/kernel_table.h"
#include "fastpath/isa.h"
#include "fastpath/memory.h"
#include "reference/interface/backend.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

struct Execution {
    Isa isa;
    const KernelTable& kernels;
    ThreadPool& pool;
    Workspace& workspace;
    RunContext context;
};

}  // namespace dfp16::fast
