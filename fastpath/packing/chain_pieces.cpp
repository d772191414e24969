#include "fastpath/packing/chain_pieces.h"

#include <algorithm>

namespace dfp16::fast {

namespace {

class PieceWriter {
public:
    explicit PieceWriter(ChainPieces& to) : to_(to) {
        to.first = to.chains = 0;
        to.pieces.clear();
    }

    /// Pairs first .. end - 1, of one chain, behind those before.
    void add(std::int64_t first, std::int64_t end, std::size_t chain, EndRows ends) {
        const bool goes_on = !to_.pieces.empty() && chain == chain_;
        if (goes_on && first == end_ && ends == ends_) {
            to_.pieces.back() += end - first;
        } else {
            if (to_.pieces.empty()) {
                to_.first = first;
            } else {
                to_.pieces.back() += chain_piece(0, first - end_, goes_on);
            }
            to_.pieces.push_back(chain_piece(end - first, 0, false, ends));
            to_.chains += goes_on ? 0 : 1;
        }
        end_ = end;
        chain_ = chain;
        ends_ = ends;
    }

private:
    ChainPieces& to_;
    std::int64_t end_ = 0;
    std::size_t chain_ = 0;
    EndRows ends_ = 0;
};

}  // namespace

void take_rows(const RowRange& rows, std::span<const std::int64_t> lengths, const std::vector<RowRun>& runs,
               ChainPieces& taken) {
    PieceWriter writer(taken);
    std::size_t chain = 0;
    std::int64_t chain_end = lengths.empty() ? 0 : lengths[0];
    std::int64_t pair = 0;
    for (const RowRun& run : runs) {
        const std::int64_t run_end = pair + run.pairs;
        const bool is_taken = run.row >= rows.first && run.row < rows.end;
        while (pair < run_end) {
            if (pair == chain_end) chain_end += lengths[++chain];
            const std::int64_t end = std::min(run_end, chain_end);
            if (is_taken) writer.add(pair, end, chain, run.ends);
            pair = end;
        }
    }
}

void take_pieces(const ChainPieces& pieces, int lanes, DotTileArguments& arguments) {
    arguments.vectors += 2 * pieces.first * lanes;
    arguments.offsets += pieces.first;
    arguments.chains = pieces.pieces.data();
    arguments.chain_count = pieces.chains;
}

}  // namespace dfp16::fast
