// What dot tiles of generated code do beyond a sum of products, which fastpath_products_test.cpp holds against the
// contract: the range that sums must be in between chains, and chains that come in pieces.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "fastpath/dot_tile/dot_tile.h"
#include "fastpath/isa.h"
#include "fastpath/packing/chain_pieces.h"

namespace dfp16::fast {
namespace {

constexpr int kLanes = 16;

/// One row of 16 lanes, all weights 1: lane 0 of pair i has a[i] + b[i], others nothing.
struct OneRow {
    explicit OneRow(std::size_t pairs) : broadcast(2 * pairs), vectors(2 * kLanes * pairs) {
        for (std::size_t i = 0; i < pairs; ++i) {
            offsets.push_back(static_cast<std::int64_t>(4 * i));
            vectors[2 * kLanes * i] = vectors[2 * kLanes * i + 1] = 1;
        }
        arguments.broadcast = broadcast.data();
        arguments.vectors = vectors.data();
        arguments.offsets = offsets.data();
        arguments.sums = sums;
        arguments.overflow = &overflow;
    }

    std::vector<std::int16_t> broadcast, vectors;
    std::vector<std::int64_t> offsets;
    alignas(64) std::int32_t sums[kLanes] = {};
    std::uint32_t overflow = 0;
    DotTileArguments arguments;
};

const DotTileShape kChecked{.isa = Isa::avx512vnni,
                            .policy = Policy::exact,
                            .tile = 1,
                            .lanes = kLanes,
                            .stride = 4,
                            .fresh = true,
                            .spill = Spill::at_end_short};

TEST(FastDotTile, SumsStayWithinReachBetweenChains) {
    if (!supported(Isa::avx512vnni)) GTEST_SKIP() << "this CPU lacks avx512vnni";
    for (const std::int32_t reach : {1, 1000, 32768, 1 << 20, kWidestReach}) {
        for (const std::int64_t sum :
             {std::int64_t{0}, reach - 1L, std::int64_t{reach}, -std::int64_t{reach}, -reach - 1L}) {
            OneRow row(3);
            const std::int64_t high = sum / 32767;
            row.vectors[0] = row.vectors[1] = 32767;
            row.broadcast[0] = static_cast<std::int16_t>(high / 2);
            row.broadcast[1] = static_cast<std::int16_t>(high - high / 2);
            row.broadcast[2] = static_cast<std::int16_t>(sum - 32767 * high);
            row.broadcast[4] = 5;
            const std::int64_t chains[] = {2, 1};
            row.arguments.chains = chains;
            row.arguments.chain_count = 2;
            row.arguments.reach = reach;
            dot_tile(kChecked)(&row.arguments);
            const bool within = sum >= -reach && sum < reach;
            EXPECT_EQ(row.overflow == 0, within) << "reach " << reach << ", sum " << sum;
            EXPECT_EQ(row.sums[0], sum + 5) << "reach " << reach;
        }
    }
}

/// Lane 0's sum over the pairs that are left, which of pair i is 2^i, and how many chains these are in.
void check_pieces(const std::vector<std::int64_t>& lengths, const std::vector<RowRun>& runs, const RowRange& rows) {
    std::int64_t expected = 0;
    std::int64_t chains = 0;
    std::int64_t pair = 0;
    std::size_t chain = 0;
    std::int64_t chain_end = lengths[0];
    std::size_t last_chain = lengths.size();
    for (const RowRun& run : runs) {
        for (std::int64_t i = 0; i < run.pairs; ++i, ++pair) {
            while (pair == chain_end) chain_end += lengths[++chain];
            if (run.row < rows.first || run.row >= rows.end) continue;
            expected |= std::int64_t{1} << pair;
            if (chain != last_chain) ++chains;
            last_chain = chain;
        }
    }
    ChainPieces pieces;
    take_rows(rows, lengths, runs, pieces);
    ASSERT_EQ(pieces.chains, chains);
    if (chains == 0) return;
    ASSERT_LE(pair, 29);
    OneRow row(static_cast<std::size_t>(pair));
    for (std::int64_t i = 0; i < pair; ++i) {
        const auto at = static_cast<std::size_t>(i);
        row.vectors[2 * kLanes * at] = static_cast<std::int16_t>(1 << i / 2);
        row.broadcast[2 * at] = static_cast<std::int16_t>(1 << (i - i / 2));
    }
    row.arguments.vectors += 2 * kLanes * pieces.first;
    row.arguments.offsets += pieces.first;
    row.arguments.chains = pieces.pieces.data();
    row.arguments.chain_count = pieces.chains;
    for (const Spill spill : {Spill::at_end_short, Spill::each_chain}) {
        DotTileShape shape = kChecked;
        shape.spill = spill;
        if (spill == Spill::each_chain) shape.policy = Policy::wrap;
        dot_tile(shape)(&row.arguments);
        ASSERT_EQ(row.sums[0], expected);
        ASSERT_EQ(row.overflow, 0u);
    }
}

/// Rows in runs, each with numbers of its own, of which pieces leave out some at either end.
struct Rows {
    Rows(const DotTileShape& of_tile, std::mt19937& random) : shape(of_tile), broadcast(2 * kPairs * 2 * kMostRows) {
        std::uniform_int_distribution<int> number(-99, 99);
        for (std::int16_t& one : broadcast) one = static_cast<std::int16_t>(number(random));
        for (std::int16_t& one : vectors) one = static_cast<std::int16_t>(number(random));
        for (std::int64_t i = 0; i < kPairs; ++i) offsets[i] = 4 * i;
    }

    std::int32_t product(int row, std::int64_t pair, int lane) const {
        const int runs_before = shape.run == 0 ? 0 : row / shape.run;
        const std::int64_t x = 2 * ((row + runs_before * kBetween) * kPairs + pair);
        const std::int64_t w = 2 * (pair * kLanes + lane);
        return broadcast[static_cast<std::size_t>(x)] * vectors[w] +
               broadcast[static_cast<std::size_t>(x + 1)] * vectors[w + 1];
    }

    bool leaves_out(EndRows ends, int row) const {
        const int run = shape.run == 0 ? shape.tile : shape.run;
        return ends <= kMostEndRows ? row % run < ends : row % run >= run - (ends - kMostEndRows);
    }

    static constexpr std::int64_t kPairs = 40;
    static constexpr std::size_t kMostRows = 28;
    static constexpr int kBetween = 1;  // rows that no tile has, behind each run
    DotTileShape shape;
    std::vector<std::int16_t> broadcast;  // [row][pair][2]
    std::int16_t vectors[2 * kPairs * kLanes] = {};
    std::int64_t offsets[kPairs] = {};
    alignas(64) std::int32_t sums[kMostRows * kLanes] = {};
    std::uint32_t overflow = 0;
};

void check_ends(Rows& rows, const std::vector<RowRun>& runs, const std::vector<std::int64_t>& lengths) {
    ChainPieces pieces;
    take_rows({0, 2}, lengths, runs, pieces);
    DotTileArguments arguments;
    arguments.broadcast = rows.broadcast.data();
    arguments.vectors = rows.vectors;
    arguments.offsets = rows.offsets;
    arguments.sums = rows.sums;
    arguments.overflow = &rows.overflow;
    take_pieces(pieces, kLanes, arguments);
    dot_tile(rows.shape)(&arguments);
    ASSERT_EQ(rows.overflow, 0u);
    for (int row = 0; row < rows.shape.tile; ++row) {
        for (int lane = 0; lane < kLanes; ++lane) {
            std::int32_t expected = 0;
            std::int64_t pair = 0;
            for (const RowRun& run : runs) {
                for (std::int64_t i = 0; i < run.pairs; ++i, ++pair) {
                    if (run.row < 2 && !rows.leaves_out(run.ends, row)) expected += rows.product(row, pair, lane);
                }
            }
            ASSERT_EQ(rows.sums[row * kLanes + lane], expected) << "row " << row << " of runs of " << rows.shape.run;
        }
    }
}

TEST(FastDotTile, PiecesLeaveOutRowsAtTheEndsOfRuns) {
    if (!supported(Isa::avx512vnni)) GTEST_SKIP() << "this CPU lacks avx512vnni";
    std::mt19937 random(6);
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    for (int i = 0; i < 500; ++i) {
        DotTileShape shape = kChecked;
        shape.run = pick(2, 14);
        shape.tile = shape.run * pick(1, 28 / shape.run);
        shape.stride = 4 * Rows::kPairs;
        shape.run_stride = (shape.run + Rows::kBetween) * shape.stride;
        shape.first_rows = pick(0, std::min(kMostEndRows, shape.run - 1));
        shape.last_rows = pick(0, std::min(kMostEndRows, shape.run - 1));
        if (i % 4 == 0) {  // one run, without saying so
            shape.tile = shape.run;
            shape.run = 0;
        }
        shape.isa = i % 3 == 0 ? Isa::avx512bw : Isa::avx512vnni;
        if (shape.isa == Isa::avx512bw || i % 3 == 1) shape.spill = Spill::each_chain, shape.policy = Policy::wrap;
        Rows rows(shape, random);
        std::vector<RowRun> runs{{0, 1}};
        for (std::int64_t left = Rows::kPairs - 1; left > 0; left -= runs.back().pairs) {
            const EndRows first = pick(0, shape.first_rows);
            const EndRows last = pick(0, shape.last_rows);
            runs.push_back({pick(0, 2), std::min<std::int64_t>(left, pick(1, 9)),
                            pick(0, 1) == 0 || last == 0 ? first : kMostEndRows + last});
        }
        std::vector<std::int64_t> lengths;
        for (std::int64_t left = Rows::kPairs; left > 0; left -= lengths.back()) {
            lengths.push_back(std::min<std::int64_t>(left, pick(1, i % 2 == 0 ? 20 : 60)));
        }
        check_ends(rows, runs, lengths);
        ASSERT_FALSE(HasFailure()) << "case " << i;
    }
}

TEST(FastDotTile, ChainsInPieces) {
    if (!supported(Isa::avx512vnni)) GTEST_SKIP() << "this CPU lacks avx512vnni";
    std::mt19937 random(5);
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    for (int i = 0; i < 3000; ++i) {
        std::vector<RowRun> runs;
        const int rows = pick(1, 4);
        std::int64_t pairs = 0;
        while (pairs < 26) {
            for (int row = 0; row < rows && pairs < 26; ++row) {
                runs.push_back({row, pick(1, 3)});
                pairs += runs.back().pairs;
            }
        }
        std::vector<std::int64_t> lengths;
        for (std::int64_t left = pairs; left > 0; left -= lengths.back()) {
            lengths.push_back(std::min<std::int64_t>(left, pick(1, i % 2 == 0 ? 6 : 40)));
        }
        const int first = pick(0, rows);
        check_pieces(lengths, runs, {first, pick(first, rows)});
        ASSERT_FALSE(HasFailure()) << "case " << i;
    }
}

}  // namespace
}  // namespace dfp16::fast
