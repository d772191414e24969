#include "fastpath/products_matrix.h"

#include <algorithm>
#include <atomic>

#include "fastpath/packing/certificate.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

namespace {

struct MatrixTables {
    std::vector<std::int64_t> offsets;
    std::vector<ChainLengths> chains;  // by block
};

// Packs the columns; gives the chains of each block.
std::vector<ChainLengths> pack_columns(const Products& products, const MatrixProduct& product,
                                       const PackedVectors& packed) {
    const VectorOps& ops = vector_ops(products.isa);
    std::vector<ChainLengths> chains(static_cast<std::size_t>(packed.blocks.count()));
    products.pool->parallel_for(packed.blocks.count(), [&](std::int64_t block, int) {
        pack_vectors(ops, product.columns, product.column_pairs, product.column_stride, block, packed);
        ChainLengths& of_block = chains[static_cast<std::size_t>(block)];
        if (product.accumulation.policy == Policy::exact) {
            of_block = certified_chains(ops, packed.block(block), packed.pairs, packed.blocks.lanes(block),
                                        product.rows_bound, false)
                           .lengths;
        } else {
            const std::vector<std::int64_t> lengths = chains_of(packed.pairs, product.accumulation);
            of_block.assign(lengths.begin(), lengths.end());
        }
    });
    return chains;
}

// One tile of rows times one block of columns; whether every result is within FP32.
bool run_tile(const Products& products, const MatrixProduct& product, const MatrixTables& tables,
              const PackedVectors& packed, std::int64_t block, const TileSplit& split, std::int64_t tile,
              std::uint32_t* out) {
    const Policy policy = product.accumulation.policy;
    const std::int64_t lanes = packed.blocks.lanes(block);
    const std::int64_t first = split.first(tile);
    TileSums sums;
    DotTileArguments arguments;
    arguments.broadcast = product.rows + first * product.row_stride;
    arguments.vectors = packed.block(block);
    arguments.offsets = tables.offsets.data();
    const ChainLengths& chains = tables.chains[static_cast<std::size_t>(block)];
    arguments.chains = chains.data();
    arguments.chain_count = static_cast<std::int64_t>(chains.size());
    arguments.sums = sums.sums;
    split.run(tile, arguments);
    const std::int64_t count = product.result_padded ? lanes : packed.blocks.used(block);
    return finish(products.isa, policy,
                  {sums.sums, split.size(tile), lanes, count, product.scale,
                   out + first * product.result_stride + packed.blocks.first(block), product.result_stride}) <
           kBeyondFp32;
}

}  // namespace

bool run_matrix(const Products& products, const MatrixProduct& product, const Result& result) {
    PackedVectors packed{nullptr,
                         static_cast<std::int64_t>(product.column_pairs.size()),
                         {product.column_count, widest_lanes(products.isa)}};
    packed.data = kept<std::int16_t>(Kept::vectors, packed.elements());
    MatrixTables tables;
    tables.chains = pack_columns(products, product, packed);
    for (std::int64_t i = 0; i < packed.pairs; ++i) tables.offsets.push_back(4 * i);

    const std::int64_t blocks = packed.blocks.count();
    std::vector<TileSplit> splits;
    for (const std::int64_t block : {std::int64_t{0}, blocks - 1}) {
        splits.emplace_back(DotTileShape{.isa = products.isa,
                                         .policy = product.accumulation.policy,
                                         .lanes = packed.blocks.lanes(block),
                                         .stride = 2 * product.row_stride,
                                         .fresh = true},
                            product.row_count);
    }
    const std::int64_t wanted = 4 * products.pool->threads();
    const std::int64_t ranges =
        std::clamp((wanted + blocks - 1) / blocks, std::int64_t{1}, std::max(splits[0].tiles(), splits[1].tiles()));
    auto* out = result.fp32 != nullptr ? reinterpret_cast<std::uint32_t*>(result.fp32)
                                       : reinterpret_cast<std::uint32_t*>(result.int32);
    std::atomic<bool> beyond{false};
    products.pool->parallel_for(blocks * ranges, [&](std::int64_t job, int) {
        const std::int64_t block = job / ranges;
        const TileSplit& split = splits[block + 1 < blocks ? 0 : 1];
        for (std::int64_t tile = job % ranges; tile < split.tiles(); tile += ranges) {
            if (!run_tile(products, product, tables, packed, block, split, tile, out)) beyond = true;
        }
    });
    return !beyond;
}

}  // namespace dfp16::fast
