#include "fastpath/instructions/lanes_portable.h"

namespace dfp16::fast {

void vp4dpwssds_portable(const InstructionRun& run) {
    const int step = 2 * run.lanes;
    for_each_lane(run, 4 * step, 8, [step](const std::int16_t* a, const std::int16_t* b, int, std::int32_t c) {
        for (int m = 0; m < 4; ++m) c = clamped(c + pair_product(a + m * step, b + 2 * m));
        return c;
    });
}

}  // namespace dfp16::fast
