#include "tools/bench/handover.h"

#include <atomic>
#include <thread>

#include "tools/bench/stopwatch.h"

namespace dfp16::bench {

namespace {

void await(const std::atomic<int>& value, int wanted) {
    while (value.load(std::memory_order_acquire) != wanted) {
    }
}

}  // namespace

Record measure_handover(int rounds) {
    constexpr int returns = 2000;
    alignas(128) std::atomic<int> line{0};
    std::vector<double> nanoseconds;
    for (int round = 0; round < rounds; ++round) {
        line = 0;
        std::thread other([&line] {
            for (int i = 0; i <= returns; ++i) {
                await(line, 2 * i + 1);
                line.store(2 * i + 2, std::memory_order_release);
            }
        });
        line = 1;
        await(line, 2);  // both are awake
        nanoseconds.push_back(1e9 / returns * seconds_of([&line] {
                                  for (int i = 1; i <= returns; ++i) {
                                      line.store(2 * i + 1, std::memory_order_release);
                                      await(line, 2 * i + 2);
                                  }
                              }));
        other.join();
    }
    return record_of("machine.handover", nanoseconds, "ns");
}

}  // namespace dfp16::bench
