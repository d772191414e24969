#include "reference/interface/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "sim/types/error.h"

namespace dfp16 {
namespace {

TEST(ThreadPool, VisitsEveryIndexOnce) {
    for (const int threads : {1, 2, 3, 7}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.threads(), threads);
        for (const std::int64_t count : {0, 1, 2, 1000}) {
            std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
            pool.parallel_for(count, [&](std::int64_t index, int thread) {
                EXPECT_LT(thread, threads);
                ++visits[static_cast<std::size_t>(index)];
            });
            for (const auto& visit : visits) EXPECT_EQ(visit, 1);
        }
    }
}

TEST(ThreadPool, TakesWhatOthersHaveNotBegun) {
    ThreadPool pool(3);
    std::vector<std::atomic<int>> visits(300);
    std::atomic<int> of_others = 0;
    pool.parallel_for(300, [&](std::int64_t index, int) {
        if (index == 0) {
            while (of_others < 299) std::this_thread::yield();  // all else is done by the two others
        } else {
            ++of_others;
        }
        ++visits[static_cast<std::size_t>(index)];
    });
    for (const auto& visit : visits) EXPECT_EQ(visit, 1);
}

TEST(ThreadPool, ThrowsTheBodysExceptionAndGoesOn) {
    ThreadPool pool(3);
    EXPECT_THROW(pool.parallel_for(100,
                                   [](std::int64_t index, int) {
                                       if (index == 7) throw std::runtime_error("seven");
                                   }),
                 std::runtime_error);
    std::atomic<int> visits = 0;
    pool.parallel_for(10, [&](std::int64_t, int) { ++visits; });
    EXPECT_EQ(visits, 10);
}

TEST(ThreadPool, SaysWhenTheSystemGivesFewerThreads) {
#ifdef DFP16_SANITIZED
    GTEST_SKIP() << "AddressSanitizer needs the address space";
#endif
    // Each thread reserves a stack: with little address space left the system refuses the next one.
    EXPECT_EXIT(
        {
            rlimit limit{};
            getrlimit(RLIMIT_AS, &limit);
            limit.rlim_cur = 512u << 20;
            setrlimit(RLIMIT_AS, &limit);
            try {
                ThreadPool pool(1000);
            } catch (const InputError&) {
                std::_Exit(3);
            }
            std::_Exit(4);
        },
        testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace dfp16
