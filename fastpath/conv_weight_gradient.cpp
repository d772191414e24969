#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <vector>

#include "fastpath/atomic_max.h"
#include "fastpath/byte_gradient.h"
#include "fastpath/gradient_chunk.h"
#include "fastpath/gradient_sums.h"
#include "fastpath/image_gradient.h"
#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/pixels_met.h"
#include "fastpath/packing/planar.h"
#include "fastpath/packing/pointwise_row.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"

namespace dfp16::fast {

namespace {

// What a second-level cache about holds: 256 channels to 1024, 1x1, still gain by sums of each thread's own, as what
// one thread packs hides behind what the other one sums.
constexpr std::int64_t kFewBytes = 1024 * 1024;

std::int64_t bytes_of_sums(const ConvParams& conv, std::int64_t bytes) {
    return (conv.K + 15) / 16 * 16 * (conv.C / conv.groups) * conv.R * conv.S * bytes;
}

// So many that sums of its own cost a thread little beside them, wherever they lie.
bool pairs_are_many(const Products& products, const ConvParams& conv) {
    constexpr std::int64_t fewest_pairs = 3000;
    return conv.N * conv.P * ((conv.Q + 1) / 2) >= fewest_pairs * products.pool->threads();
}

bool goes_by_pixels(const ConvParams& conv) {
    return any_order(conv.accumulation.policy) && is_pointwise(conv);
}

// Whether tiles can read lanes where they lie, two pixels at a time.
bool can_read_lanes(const Products& products, const ConvParams& conv) {
    return conv.accumulation.policy == Policy::exact && is_pointwise(conv) && can_read_pixels(products.isa) &&
           conv.groups == 1 && conv.H * conv.W > 1;
}

// Whether threads share lanes that are not packed: where chunks are few, and lanes are not, sums of their own would
// cost more.
bool shares_lanes(const Products& products, const ConvParams& conv) {
    constexpr std::int64_t most_pairs = 2048;
    constexpr std::int64_t most_rows = 512;
    return can_read_lanes(products, conv) && conv.K < conv.C && conv.K <= most_rows &&
           conv.N * ((conv.H * conv.W + 1) / 2) <= most_pairs &&
           conv.C / widest_lanes(products.isa) >= 4 * products.pool->threads();
}

/// Threads share every chunk, and what one core packs the other has to fetch from it; or they sum different chunks,
/// each into sums of its own, which are added up at the end: chunks that a second-level cache holds beside the sums, or
/// larger ones; or each sums all for lanes of its own, and packs what it needs of both operands.
enum class Sharing { together, near, far, lanes };

// Whether each thread has its lanes, and x is so small that packing all of it takes a thread less than adding up sums.
bool shares_small_input(const Products& products, const ConvParams& conv, std::int64_t bytes) {
    constexpr std::int64_t most_pairs = 2048;
    constexpr std::int64_t most_bytes = 320 * 1024;
    const std::int64_t pairs = conv.N * conv.P * ((conv.Q + 1) / 2);
    const LaneBlocks blocks{conv.K, widest_lanes(products.isa)};
    const std::int64_t x_bytes = 2 * conv.N * conv.C * conv.H * conv.W;
    return conv.groups == 1 && conv.R * conv.S > 1 && pairs <= most_pairs && conv.K % blocks.widest == 0 &&
           blocks.count() % products.pool->threads() == 0 && x_bytes <= most_bytes &&
           bytes_of_sums(conv, bytes) >= x_bytes;
}

/// `bytes`: of a sum. `pixels`: whether lanes may be read where they lie.
Sharing sharing_of(const Products& products, const ConvParams& conv, std::int64_t bytes, bool pixels) {
    constexpr std::int64_t most_bytes = 256 * 1024 * 1024;
    const std::int64_t threads = products.pool->threads();
    if (!any_order(conv.accumulation.policy) || threads == 1 || (pixels && shares_lanes(products, conv))) {
        return Sharing::together;
    }
    if (shares_small_input(products, conv, bytes)) return Sharing::lanes;
    const std::int64_t all = bytes_of_sums(conv, bytes);
    if (all <= kFewBytes) return Sharing::near;
    return pairs_are_many(products, conv) && threads * all <= most_bytes ? Sharing::far : Sharing::together;
}

class WeightGradient {
public:
    WeightGradient(const Products& products, const GradientOperands& operands, Sharing sharing, bool short_sums)
        : products_(products),
          operands_(operands),
          sharing_(sharing),
          largest_chunk_(largest_chunk()),
          input_(operands.conv, largest_chunk_.images, largest_chunk_.rows, operands.pixels),
          sums_(products, operands, input_, largest_chunk_, short_sums, sharing != Sharing::together),
          chunks_(chunks_of(operands.conv, largest_chunk_)) {
        plan_memory();
    }

    /// Whether every result is within FP32 (and short sums are within INT32: else dw is not to be read).
    bool run(double scale, std::uint32_t* dw);
    bool left_int32() const { return sums_.left_int32(); }

private:
    Chunk largest_chunk() const;
    Chunk chunk_of(std::int64_t rows) const;
    Chunk near_chunk() const;
    Chunk far_chunk() const;
    Chunk shared_chunk() const;
    void plan_memory();
    void run_together();
    void find_chains(GradientChunk& chunk);
    void run_apart();
    void sum_apart(std::int64_t thread, std::atomic<std::size_t>& next);
    void add_up();
    void run_by_lanes();

    const Products& products_;
    const GradientOperands& operands_;
    Sharing sharing_;
    Chunk largest_chunk_;
    PlanarInput input_;
    GradientSums sums_;
    std::vector<Chunk> chunks_;
    std::deque<GradientChunk> packed_;  // one a thread, or one to be summed and one to be packed
    std::vector<char*> partial_sums_;   // one a thread, or one, between chunks
    std::vector<char> started_;         // by thread: whether its sums hold anything
    GradientSums::Results results_;
    std::atomic<std::uint32_t> largest_{0};
};

Chunk WeightGradient::largest_chunk() const {
    switch (sharing_) {
        case Sharing::together: return shared_chunk();
        case Sharing::near: return near_chunk();
        case Sharing::far: return far_chunk();
        case Sharing::lanes: break;
    }
    return {0, operands_.conv.N, 0, operands_.conv.P};
}

// About so many rows: of one image where the order is free and an image has more, else whole images.
Chunk WeightGradient::chunk_of(std::int64_t rows) const {
    const ConvParams& conv = operands_.conv;
    if (rows < conv.P && any_order(conv.accumulation.policy)) return {0, 1, 0, std::max<std::int64_t>(1, rows)};
    return {0, std::clamp<std::int64_t>(rows / conv.P, 1, conv.N), 0, conv.P};
}

// Few chunks, as each reads and writes all sums; but a second-level cache shall hold the pairs of a lane block, and a
// third-level one the whole chunk.
Chunk WeightGradient::shared_chunk() const {
    constexpr std::int64_t most_pairs = 2048;
    constexpr std::int64_t most_elements = 4 * 1024 * 1024;
    const ConvParams& conv = operands_.conv;
    const std::int64_t row_pairs = (conv.Q + 1) / 2;
    const std::int64_t row_elements = 2 * row_pairs * (conv.K + conv.C * conv.stride[0]);
    const std::int64_t rows = std::min(most_pairs / row_pairs, most_elements / row_elements);
    return chunk_of(rows);
}

// A second-level cache holds all of it; and there are several for each thread, unless they were too short then.
Chunk WeightGradient::near_chunk() const {
    constexpr std::int64_t most_elements = 256 * 1024;
    constexpr std::int64_t fewest_pairs = 192;
    const ConvParams& conv = operands_.conv;
    const std::int64_t row_pairs = (conv.Q + 1) / 2;
    const std::int64_t row_elements = 2 * row_pairs * (conv.K + conv.C * conv.stride[0]);
    const std::int64_t rows_a_thread = std::max<std::int64_t>(conv.N * conv.P / products_.pool->threads(), 1);
    const std::int64_t chunks = std::clamp<std::int64_t>(rows_a_thread * row_pairs / fewest_pairs, 1, 4);
    const std::int64_t rows = std::max(most_elements / row_elements, (fewest_pairs + row_pairs - 1) / row_pairs);
    return chunk_of(std::min(rows_a_thread / chunks, rows));
}

// Sums come from a third-level cache or beyond for each chunk, so chunks are large; and two for each thread.
Chunk WeightGradient::far_chunk() const {
    constexpr std::int64_t most_pairs = 1600;
    const ConvParams& conv = operands_.conv;
    const std::int64_t wanted = std::int64_t{2} * products_.pool->threads();
    return chunk_of(std::min(conv.N * conv.P / wanted, most_pairs / ((conv.Q + 1) / 2)));
}

void WeightGradient::plan_memory() {
    const std::int64_t threads = products_.pool->threads();
    const bool adds_up = sharing_ == Sharing::near || sharing_ == Sharing::far;
    const std::int64_t copies = sharing_ != Sharing::together ? threads : chunks_.size() > 1 ? 2 : 1;
    const std::int64_t partial = adds_up ? threads : chunks_.size() > 1 ? 1 : 0;
    const GradientChunk::Memory memory = GradientChunk::memory_of(operands_, input_, largest_chunk_);
    const KeptParts<std::int16_t> planar(Kept::operand, copies, memory.planar);
    const KeptParts<std::int16_t> packed(Kept::vectors, copies, memory.packed);
    const KeptParts<std::uint32_t> norms(Kept::norms, copies, memory.norms);
    for (std::int64_t i = 0; i < copies; ++i) {
        packed_.emplace_back(products_, operands_, input_, largest_chunk_, planar[i], packed[i], norms[i]);
    }
    const KeptParts<char> sums(Kept::sums, partial, sums_.count() * sums_.bytes());
    for (std::int64_t i = 0; i < partial; ++i) partial_sums_.push_back(sums[i]);
    if (!sums_.writes_in_place()) results_.results = kept<std::uint32_t>(Kept::results, sums_.count());
}

bool WeightGradient::run(double scale, std::uint32_t* dw) {
    results_.scale = scale;
    if (sums_.writes_in_place()) results_.results = dw;
    switch (sharing_) {
        case Sharing::together: run_together(); break;
        case Sharing::near:
        case Sharing::far: run_apart(); break;
        case Sharing::lanes: run_by_lanes(); break;
    }
    if (sums_.left_int32()) return false;
    if (!sums_.writes_in_place()) sums_.write(results_.results, dw);
    return largest_ < kBeyondFp32;
}

// While a chunk is summed, the next one is packed: one waits for memory, the other for multipliers.
void WeightGradient::run_together() {
    GradientChunk* packed = &packed_[0];
    packed->start(chunks_[0]);
    products_.pool->parallel_for(packed->jobs(), [&](std::int64_t job, int) { packed->run_job(job); });
    find_chains(*packed);
    void* partial = partial_sums_.empty() ? nullptr : partial_sums_[0];
    for (std::size_t i = 0; i < chunks_.size() && !sums_.left_int32(); ++i) {
        const bool last = i + 1 == chunks_.size();
        GradientChunk* next = last ? nullptr : &packed_[(i + 1) % 2];
        if (next != nullptr) next->start(chunks_[i + 1]);
        const std::int64_t packing = next != nullptr ? next->jobs() : 0;
        const std::int64_t jobs = packing + sums_.jobs();
        products_.pool->parallel_for(jobs, [&](std::int64_t job, int) {
            const std::int64_t packings = job * packing / jobs;  // before this job
            if ((job + 1) * packing / jobs > packings) return next->run_job(packings);
            raise_to(largest_, sums_.run_job(job - packings, *packed, partial, i == 0, last ? &results_ : nullptr));
        });
        if (next != nullptr) find_chains(*next);
        packed = next;
    }
}

void WeightGradient::find_chains(GradientChunk& chunk) {
    products_.pool->parallel_for(chunk.chain_jobs(), [&](std::int64_t job, int) { chunk.run_chain_job(job); });
}

void WeightGradient::run_apart() {
    std::atomic<std::size_t> next{0};
    started_.assign(partial_sums_.size(), 0);
    products_.pool->parallel_for(static_cast<std::int64_t>(partial_sums_.size()),
                                 [&](std::int64_t thread, int) { sum_apart(thread, next); });
    if (!sums_.left_int32()) add_up();
}

// Chunk after chunk that nobody else has taken.
void WeightGradient::sum_apart(std::int64_t thread, std::atomic<std::size_t>& next) {
    const auto own = static_cast<std::size_t>(thread);
    GradientChunk& chunk = packed_[own];
    Fetcher fetcher;
    for (std::size_t i = next++; i < chunks_.size() && !sums_.left_int32();) {
        chunk.start(chunks_[i]);
        for (std::int64_t job = 0; job < chunk.jobs(); ++job) chunk.run_job(job);
        for (std::int64_t job = 0; job < chunk.chain_jobs(); ++job) chunk.run_chain_job(job);
        // What comes next is known early only while nobody waits for the last chunks.
        const bool fetches = sums_.fetches() && next + partial_sums_.size() < chunks_.size();
        if (fetches) i = next++;
        fetcher.start(fetches && i < chunks_.size() ? chunk.read_by(chunks_[i]) : std::vector<Fetcher::Run>(),
                      sums_.tiles(), 64 * chunk.pairs());
        for (std::int64_t job = 0; job < sums_.jobs(); ++job) {
            sums_.run_job(job, chunk, partial_sums_[own], started_[own] == 0, nullptr, &fetcher);
        }
        started_[own] = 1;
        if (!fetches) i = next++;
    }
}

// All partial sums to results, or to dw.
void WeightGradient::add_up() {
    constexpr std::int64_t piece = 4096;
    const std::int64_t bytes = sums_.bytes();
    const bool exact = operands_.conv.accumulation.policy == Policy::exact;
    std::vector<char*> partial;
    for (std::size_t i = 0; i < partial_sums_.size(); ++i) {
        if (started_[i] != 0) partial.push_back(partial_sums_[i]);
    }
    const VectorOps& ops = vector_ops(products_.isa);
    const auto add = [&](std::int64_t first, std::int64_t count) {
        for (std::size_t i = 1; i < partial.size(); ++i) {
            const bool within = (bytes == 8 ? ops.add_int64 : ops.add_int32)(partial[0] + first * bytes,
                                                                             partial[i] + first * bytes, count);
            if (exact && !within) sums_.note_left_int32();
        }
    };
    if (sums_.writes_in_place()) {
        products_.pool->parallel_for(sums_.blocks(), [&](std::int64_t block, int) {
            const auto [first, count] = sums_.sums_of_block(block);
            add(first, count);
            raise_to(largest_, sums_.finish_block(block, partial[0], results_));
        });
        return;
    }
    products_.pool->parallel_for((sums_.count() + piece - 1) / piece, [&](std::int64_t job, int) {
        const std::int64_t first = job * piece;
        const std::int64_t count = std::min(piece, sums_.count() - first);
        add(first, count);
        const FinishArguments finishing{partial[0] + first * bytes, count / 16, 16,   16, results_.scale,
                                        results_.results + first,   16,         false};
        raise_to(largest_, sums_.finish(finishing));
    });
}

void WeightGradient::run_by_lanes() {
    const std::int64_t blocks = operands_.blocks.count() / std::ssize(packed_);
    const std::int64_t jobs = sums_.jobs() / std::ssize(packed_);
    products_.pool->parallel_for(std::ssize(packed_), [&](std::int64_t thread, int) {
        GradientChunk& chunk = packed_[static_cast<std::size_t>(thread)];
        chunk.start(chunks_[0]);
        chunk.pack_for_blocks(thread * blocks, (thread + 1) * blocks);
        for (std::int64_t job = thread * jobs; job < (thread + 1) * jobs; ++job) {
            raise_to(largest_, sums_.run_job(job, chunk, nullptr, true, &results_));
        }
    });
}

// x and dy may change places: planes take longer to pack than lanes; and chunks that threads share leave results where
// they belong.
bool changes_places(const ConvParams& conv, Sharing sharing) {
    return goes_by_pixels(conv) && (conv.K < conv.C || sharing == Sharing::together);
}

// What reading pixels costs a tile, packing costs all tiles that share a lane block: so it pays where these are few.
bool reads_pixels(const Products& products, const ConvParams& conv, const ConvParams& flat) {
    constexpr std::int64_t most_rows = 128;
    return shares_lanes(products, conv) || (can_read_lanes(products, conv) && flat.C <= most_rows);
}

// Whether to copy what the windows meet takes less than a pixel without a partner in each row: at 7x7 it does by 1.2,
// at 14x14 and 28x28, where all have one, it does not. No network has an odd row between.
bool prefers_pixels_met(const ConvParams& conv) {
    constexpr std::int64_t longest_row = 15;
    return any_order(conv.accumulation.policy) && meets_some_pixels(conv) && conv.Q % 2 != 0 && conv.Q <= longest_row;
}

// Where the order does not count, an image that is taken pixel by pixel may be cut into any rows.
ConvParams flattened(const ConvParams& conv, Sharing sharing, bool transposed) {
    ConvParams flat = conv;
    if (goes_by_pixels(conv)) {
        const std::int64_t pixels = conv.H * conv.W;
        flat = with_rows_of(conv, sharing == Sharing::together ? pixels : pointwise_row(pixels));
    }
    if (transposed) std::swap(flat.C, flat.K);
    return flat;
}

}  // namespace

void conv_weight_gradient(const Products& products, const ConvParams& conv, Operand x, Operand dy, Result dw) {
    const std::array x_shape{conv.N, conv.C, conv.H, conv.W};
    const std::array dy_shape{conv.N, conv.K, conv.P, conv.Q};
    const std::array dw_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const Policy policy = conv.accumulation.policy;
    const BroadcastBound x_bound = check_operand(products, policy, {"x", x_shape, true}, x);
    const BroadcastBound dy_bound = check_operand(products, policy, {"dy", dy_shape, true}, dy);

    const Activation in{conv.N, conv.C, conv.H, conv.W, conv.groups};
    const Activation out{conv.N, conv.K, conv.P, conv.Q, conv.groups};
    std::int16_t* grouped_x = in.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_operand, in.grouped_elements());
    std::int16_t* grouped_dy =
        out.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_second, out.grouped_elements());
    const std::int16_t* from_x = group_channels(*products.pool, in, x.mantissas, grouped_x);
    const std::int16_t* from_dy = group_channels(*products.pool, out, dy.mantissas, grouped_dy);
    auto* results =
        dw.fp32 != nullptr ? reinterpret_cast<std::uint32_t*>(dw.fp32) : reinterpret_cast<std::uint32_t*>(dw.int32);
    if (prefers_image_gradient(products, conv)) {
        if (ImageGradient(products, conv, from_x, from_dy).run(scale_of(x, dy), dw.fp32)) return;
        throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
    }
    if (prefers_byte_tiles(products, conv)) {
        if (ByteGradient(products, conv, from_x, from_dy).run(scale_of(x, dy), dw.fp32)) return;
        throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
    }
    const bool by_copy = prefers_pixels_met(conv);
    const ConvParams summed = by_copy ? pointwise_of_pixels_met(conv) : conv;
    if (by_copy) {
        const std::int64_t planes = in.N * in.groups * in.group_blocks();
        auto* met = kept<std::int16_t>(Kept::pixels_met, planes * conv.P * conv.Q * 16);
        copy_pixels_met(*products.pool, conv, planes, from_x, met);
        from_x = met;
    }
    // Sums in INT32 as long as that holds them, or until a step where it did not; of pixels where their certificate,
    // which is coarser, allows that.
    struct Way {
        bool short_sums, pixels;
    };
    const bool wide = dw.wide_sums != nullptr && *dw.wide_sums;
    const bool may_be_short = policy == Policy::exact && can_sum_short(products.isa) && !wide;
    for (const Way way : {Way{true, true}, Way{true, false}, Way{false, false}}) {
        if (way.short_sums && !may_be_short) continue;
        const Sharing sharing = sharing_of(products, summed, way.short_sums ? 4 : sum_bytes(policy), way.pixels);
        const bool transposed = changes_places(summed, sharing);
        const ConvParams flat = flattened(summed, sharing, transposed);
        if (way.pixels && !reads_pixels(products, summed, flat)) continue;
        const LaneBlocks blocks{flat.K / flat.groups, widest_lanes(products.isa)};
        const GradientOperands operands =
            transposed ? GradientOperands{flat, from_dy, from_x, dy_bound, blocks, true, way.pixels, x_bound}
                       : GradientOperands{flat, from_x, from_dy, x_bound, blocks, false, way.pixels, dy_bound};
        WeightGradient gradient(products, operands, sharing, way.short_sums);
        if (gradient.run(scale_of(x, dy), results)) return;
        if (!gradient.left_int32()) throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
        if (!way.pixels && dw.wide_sums != nullptr) *dw.wide_sums = true;
    }
}

}  // namespace dfp16::fast
