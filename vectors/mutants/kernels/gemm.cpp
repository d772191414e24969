// c = a * b: rows of a broadcast against panels of 16 columns of b, packed by pairs of k; long sums split over threads.
#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"

namespace dfp16::mutants {

namespace {

constexpr std::size_t kSplit = 64;  // sums at least so long go to two threads

struct Sizes {
    std::size_t M, N, K;
};

/// Pairs of rows of b, interleaved lane by lane: [pair][lane][2]; zeros beyond K and N.
template <typename T>
std::vector<T> pack(const HostTensor& b, const Sizes& sizes, std::size_t n, std::size_t lanes, Bug bug) {
    const std::size_t pairs = (sizes.K + 1) / 2;
    std::vector<T> panel(pairs * 2 * kLanes);
    for (std::size_t k = 0; k < sizes.K; ++k) {
        for (std::size_t l = 0; l < lanes; ++l) {
            const std::size_t row = bug == Bug::gemm_pairs_swapped && (k ^ 1) < sizes.K ? k ^ 1 : k;
            panel[(k / 2 * kLanes + l) * 2 + k % 2] = element<T>(b, row * sizes.N + n + l);
        }
    }
    return panel;
}

template <typename T>
void add_products(LaneTile<T>& tile, const HostTensor& a, std::size_t row, const Sizes& sizes,
                  const std::vector<T>& panel, std::size_t first_pair, std::size_t end_pair) {
    for (std::size_t pair = first_pair; pair < end_pair; ++pair) {
        const bool both = 2 * pair + 1 < sizes.K;
        const T a0 = element<T>(a, row * sizes.K + 2 * pair);
        const T a1 = both ? element<T>(a, row * sizes.K + 2 * pair + 1) : T{0};
        tile.pair(a0, a1, panel.data() + pair * 2 * kLanes, true, both);
    }
}

/// Adds to what another thread adds to as well.
class SharedSums {
public:
    SharedSums(std::size_t size, Bug bug) : sums_(size), bug_(bug) {}
    void add(std::size_t i, std::int64_t part) {
        std::atomic_ref<std::int64_t> sum(sums_[i]);
        if (bug_ == Bug::gemm_threads_race) {
            const std::int64_t old = sum.load(std::memory_order_relaxed);
            std::this_thread::yield();
            sum.store(old + part, std::memory_order_relaxed);
            return;
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        sums_[i] += part;
    }
    std::int64_t operator[](std::size_t i) const { return sums_[i]; }

private:
    std::vector<std::int64_t> sums_;
    std::mutex mutex_;
    Bug bug_;
};

/// Halves of K on two threads; for policies that are free of order.
void split_gemm(const Call& call, const Sizes& sizes, const Accumulation& how) {
    const HostTensor& a = *call.in[0];
    const HostTensor& b = *call.in[1];
    HostTensor& c = *call.out[0];
    SharedSums sums(sizes.M * sizes.N, call.bug);
    const std::size_t pairs = (sizes.K + 1) / 2;
    std::latch both_started(2);
    const auto work = [&](std::size_t first, std::size_t end) {
        both_started.arrive_and_wait();
        LaneTile<std::int16_t> tile(call.bug, how, a, b);
        for (std::size_t n = 0; n < sizes.N; n += kLanes) {
            const std::size_t lanes = std::min(kLanes, sizes.N - n);
            const std::vector<std::int16_t> panel = pack<std::int16_t>(b, sizes, n, lanes, call.bug);
            for (std::size_t m = 0; m < sizes.M; ++m) {
                tile.start();
                add_products(tile, a, m, sizes, panel, first, end);
                for (std::size_t l = 0; l < lanes; ++l) sums.add(m * sizes.N + n + l, tile.sum(l));
            }
        }
    };
    std::thread second(work, pairs / 2, pairs);
    work(0, pairs / 2);
    second.join();
    const int exponent = a.exponent.value + b.exponent.value;
    for (std::size_t i = 0; i < sizes.M * sizes.N; ++i) {
        if (how.policy == Policy::exact) {
            c.fp32()[i] = scaled(sums[i], exponent);
        } else {
            c.accumulators()[i].value = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[i]));
        }
    }
    if (how.policy == Policy::wrap) c.exponent = {exponent};
}

template <typename T>
void gemm_of(const Call& call, const Sizes& sizes, const Accumulation& how) {
    LaneTile<T> tile(call.bug, how, *call.in[0], *call.in[1]);
    for (std::size_t n = 0; n < sizes.N; n += kLanes) {
        const std::size_t lanes = std::min(kLanes, sizes.N - n);
        const std::vector<T> panel = pack<T>(*call.in[1], sizes, n, lanes, call.bug);
        const std::size_t pairs = call.bug == Bug::gemm_drops_odd_k ? sizes.K / 2 : (sizes.K + 1) / 2;
        for (std::size_t m = 0; m < sizes.M; ++m) {
            tile.start();
            add_products(tile, *call.in[0], m, sizes, panel, 0, pairs);
            const bool tail = lanes < kLanes && call.bug == Bug::gemm_tail_mask_one_short;
            tile.store({*call.out[0], m * sizes.N + n, 1, tail ? lanes - 1 : lanes});
        }
    }
}

}  // namespace

void gemm(const Call& call) {
    const auto& p = std::get<GemmParams>(call.params);
    const Sizes sizes{static_cast<std::size_t>(p.M), static_cast<std::size_t>(p.N), static_cast<std::size_t>(p.K)};
    const Policy policy = p.accumulation.policy;
    const bool split = policy == Policy::exact || policy == Policy::wrap;
    const bool threads = call.bug == Bug::none || call.bug == Bug::gemm_threads_race;
    if (policy == Policy::fma) {
        gemm_of<float>(call, sizes, p.accumulation);
    } else if (split && threads && sizes.K >= kSplit) {
        split_gemm(call, sizes, p.accumulation);
    } else {
        gemm_of<std::int16_t>(call, sizes, p.accumulation);
    }
    if (call.bug == Bug::output_exponent_of_one_operand) call.out[0]->exponent = call.in[0]->exponent;
}

}  // namespace dfp16::mutants
