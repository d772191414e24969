#include "fastpath/fma/fma_windows.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "fastpath/fma/fma_input.h"
#include "fastpath/fma/fma_kernels.h"
#include "fastpath/fma/fma_results.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

std::vector<AxisClass> axis_classes(std::int64_t outputs, std::int64_t taps,
                                    const std::function<std::int64_t(std::int64_t, std::int64_t)>& input_of) {
    std::map<std::vector<AxisClass::Tap>, std::vector<AxisClass::Output>> found;
    for (std::int64_t output = 0; output < outputs; ++output) {
        std::vector<AxisClass::Tap> met;
        std::int64_t origin = 0;
        for (std::int64_t tap = 0; tap < taps; ++tap) {
            const std::int64_t input = input_of(output, tap);
            if (input < 0) continue;
            if (met.empty()) origin = input;
            met.push_back({tap, input - origin});
        }
        found[met].push_back({output, origin});
    }
    std::vector<AxisClass> classes;
    for (auto& [met, places] : found) classes.push_back({met, std::move(places)});
    return classes;
}

namespace {

/// Output pixels that share their taps.
struct Region {
    const AxisClass* rows = nullptr;
    const AxisClass* cols = nullptr;
    std::vector<FmaTap> taps;

    std::int64_t pixels() const { return static_cast<std::int64_t>(rows->outputs.size() * cols->outputs.size()); }
};

/// Whether two taps are one.
bool follows(const FmaTap& tap, const FmaTap& before) {
    return tap.row == before.row + before.count && tap.lanes == before.lanes + before.count;
}

class WindowsRun {
public:
    WindowsRun(const Products& products, const FmaWindows& windows, const FmaInput& in, float* out)
        : products_(products),
          windows_(windows),
          kernels_(fma_kernels(products.isa)),
          in_(in),
          out_(out),
          channels_(windows.in.group_channels()) {
        for (const AxisClass& rows : windows.rows) {
            for (const AxisClass& cols : windows.cols) regions_.push_back({&rows, &cols, taps_of(rows, cols)});
        }
    }

    void pack(const float* weights);
    /// Whether every result is finite.
    bool run();

private:
    std::vector<FmaTap> taps_of(const AxisClass& rows, const AxisClass& cols) const;
    /// Vectors of weights of one block of output channels.
    std::int64_t vectors() const { return channels_ * windows_.R * windows_.S; }
    void run_region(const Region& region, std::int64_t first_image, std::int64_t end_image, std::int64_t group,
                    std::int64_t block);

    const Products& products_;
    const FmaWindows& windows_;
    const FmaKernels& kernels_;
    FmaInput in_;
    float* out_;
    std::int64_t channels_;  // summed, of a group
    std::vector<Region> regions_;
    float* packed_ = nullptr;  // [group][output block][block of 16 channels][R][S][channel][16]
    std::atomic<bool> beyond_{false};
};

std::vector<FmaTap> WindowsRun::taps_of(const AxisClass& rows, const AxisClass& cols) const {
    std::vector<FmaTap> taps;
    for (std::int64_t first = 0; first < channels_; first += 16) {
        const std::int64_t count = std::min<std::int64_t>(16, channels_ - first);
        for (const AxisClass::Tap& row : rows.taps) {
            for (const AxisClass::Tap& col : cols.taps) {
                const std::int64_t pixel = (first / 16 * windows_.in.H + row.shift) * windows_.in.W + col.shift;
                const std::int64_t before = first * windows_.R * windows_.S;
                const FmaTap tap{pixel * in_.pixel, before + (row.tap * windows_.S + col.tap) * count, count};
                if (!taps.empty() && follows(tap, taps.back())) {
                    taps.back().count += count;
                } else {
                    taps.push_back(tap);
                }
            }
        }
    }
    return taps;
}

void WindowsRun::pack(const float* weights) {
    const std::int64_t blocks = windows_.out.group_blocks();
    packed_ = kept<float>(Kept::vectors, windows_.out.groups * blocks * vectors() * kFmaLanes);
    products_.pool->parallel_for(windows_.out.groups * blocks, [&](std::int64_t job, int) {
        const std::int64_t first_lane = job % blocks * kFmaLanes;
        const std::int64_t used = std::min<std::int64_t>(kFmaLanes, windows_.out.group_channels() - first_lane);
        const float* from = weights + job / blocks * windows_.weight_group + first_lane * windows_.weight_lane;
        float* to = packed_ + job * vectors() * kFmaLanes;
        for (std::int64_t block = 0; block < channels_; block += 16) {
            const std::int64_t end = std::min(block + 16, channels_);
            for (std::int64_t tap = 0; tap < windows_.R * windows_.S; ++tap) {
                for (std::int64_t channel = block; channel < end; ++channel, to += kFmaLanes) {
                    for (std::int64_t lane = 0; lane < kFmaLanes; ++lane) {
                        const std::int64_t place =
                            lane * windows_.weight_lane + channel * windows_.weight_channel + tap;
                        to[lane] = lane < used ? from[place] : 0.0f;
                    }
                }
            }
        }
    });
}

bool WindowsRun::run() {
    const std::int64_t blocks = windows_.out.group_blocks();
    const std::int64_t groups = windows_.out.groups;
    const std::int64_t jobs_an_image = groups * blocks;
    const std::int64_t images =
        std::clamp<std::int64_t>(windows_.out.N * jobs_an_image / (std::int64_t{4} * products_.pool->threads()), 1, 8);
    const std::int64_t ranges = (windows_.out.N + images - 1) / images;
    products_.pool->parallel_for(ranges * jobs_an_image, [&](std::int64_t job, int) {
        const std::int64_t first = job / jobs_an_image * images;
        const std::int64_t end = std::min(first + images, windows_.out.N);
        for (const Region& region : regions_) {
            run_region(region, first, end, job % jobs_an_image / blocks, job % blocks);
        }
    });
    return !beyond_;
}

void WindowsRun::run_region(const Region& region, std::int64_t first_image, std::int64_t end_image, std::int64_t group,
                            std::int64_t block) {
    const Activation& in = windows_.in;
    const Activation& out = windows_.out;
    const std::int64_t used = std::min<std::int64_t>(kFmaLanes, out.group_channels() - block * kFmaLanes);
    const std::int64_t cols = static_cast<std::int64_t>(region.cols->outputs.size());
    const std::int64_t pixels = (end_image - first_image) * region.pixels();
    const float* rows[kLargestFmaTile];
    float* targets[kLargestFmaTile];
    FmaSums sums;
    FmaRows arguments{rows,
                      packed_ + (group * out.group_blocks() + block) * vectors() * kFmaLanes,
                      region.taps.data(),
                      static_cast<std::int64_t>(region.taps.size()),
                      0,
                      sums.sums};
    for (std::int64_t done = 0; done < pixels; done += arguments.tile) {
        arguments.tile = next_fma_tile(pixels - done, kernels_.largest_tile);
        for (int t = 0; t < arguments.tile; ++t) {
            const std::int64_t image = first_image + (done + t) / region.pixels();
            const auto row = static_cast<std::size_t>((done + t) % region.pixels() / cols);
            const auto col = static_cast<std::size_t>((done + t) % cols);
            const AxisClass::Output& r = region.rows->outputs[row];
            const AxisClass::Output& c = region.cols->outputs[col];
            const std::int64_t plane = (image * in.groups + group) * in.group_blocks() * in.H * in.W;
            rows[t] = in_.data + (plane + r.origin * in.W + c.origin) * in_.pixel;
            const std::int64_t target = (image * out.groups + group) * out.group_blocks() + block;
            targets[t] = out_ + ((target * out.H + r.place) * out.W + c.place) * 16;
        }
        std::fill_n(sums.sums, arguments.tile * kFmaLanes, 0.0f);
        kernels_.rows(arguments);
        if (!all_finite(products_.isa, sums.sums, arguments.tile)) beyond_ = true;
        for (int t = 0; t < arguments.tile; ++t) store_lanes(sums.sums + t * kFmaLanes, used, targets[t]);
    }
}

}  // namespace

void run_fma_windows(const Products& products, const FmaWindows& windows, const float* in, const float* weights,
                     float* out) {
    float* target = windows.out.aligned() ? out : kept<float>(Kept::grouped_result, windows.out.grouped_elements());
    WindowsRun run(products, windows, fma_input(*products.pool, windows.in, in, Kept::grouped_operand), target);
    run.pack(weights);
    const bool finite = run.run();
    if (!windows.out.aligned()) ungroup_channels(*products.pool, windows.out, target, out);
    if (!finite) throw_beyond_fp32(windows.result, out);
}

}  // namespace dfp16::fast
