// What batch norm asks for of its gradient (wanted_statistics.h), found by the elementwise operation that writes it.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/elementwise/kernel_table.h"
#include "fastpath/elementwise/tiles.h"
#include "fastpath/tensor.h"

namespace dfp16::fast {

/// Sums of y's mantissas and of their products with y.factor, if those are asked for and there.
class Gathering {
public:
    /// `parts` are summed apart, each by one thread at a time. Without `may`, nothing is gathered.
    Gathering(Tensor& y, bool may, std::int64_t parts) : y_(y) {
        if (may && y.factor_is_there() && y.layout.blocked)
            sums_.resize(static_cast<std::size_t>(parts * y.layout.blocks()));
    }

    bool wanted() const { return !sums_.empty(); }
    /// The mantissas of a tile, cut by plane.
    void add(const KernelTable& kernels, const Tile& tile, const std::int16_t* mantissas, std::int64_t part) {
        if (!wanted()) return;
        const std::int64_t blocks = y_.layout.blocks();
        kernels.block_products(mantissas, y_.factor->mantissas() + tile.begin, tile.pixels(),
                               &sums_[static_cast<std::size_t>(part * blocks + tile.plane % blocks)]);
    }
    void give() const {
        if (wanted()) y_.statistics = sum_of_parts(sums_, y_.layout.blocks());
    }

private:
    Tensor& y_;
    std::vector<BlockSums> sums_;  // by part and block of channels
};

}  // namespace dfp16::fast
