// One operation on tensors in memory.
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/mantissa_tiles.h"
#include "fastpath/elementwise/tile_source.h"
#include "fastpath/product_source.h"
#include "fastpath/tensor.h"
#include "reference/interface/graph.h"

namespace dfp16::fast {

/// A DFP-16 tensor that the ReLU behind it makes, masked: quantize of a product, a sum, or the gradient
/// of max pooling.
struct QuantizedProduct {
    ProductSource product;
    const Tensor* x;
    RoundingParams params;
};
struct PendingSum {
    MantissaTiles a, b;
    AddParams params;
};
struct PendingPool {
    const Tensor* x;
    const Tensor* dy;
    PoolParams params;
};
using Unmasked = std::variant<QuantizedProduct, PendingSum, PendingPool>;

/// What stands for tensors that are folded into the operation that reads them.
class Sources {
public:
    /// y's elements: written now, or kept for later if y has no memory.
    void give(const Execution& execution, const TileSource& source, Tensor& y);
    TileSource of(const Tensor& x) const;
    /// The same for products, of tensors without memory.
    void keep(const ProductSource& product, const Tensor& y);
    /// Null if x is no such tensor.
    const ProductSource* product(const Tensor& x) const;
    /// Mantissas of tensors without memory, for the sum or the ReLU that reads them.
    void keep(const MantissaTiles& tiles, const Tensor& y);
    void keep(const Unmasked& source, const Tensor& y);
    /// Those of x, with memory or without.
    MantissaTiles mantissas(const Tensor& x) const;
    const Unmasked& unmasked(const Tensor& x) const { return unmasked_.at(&x); }

private:
    std::map<const Tensor*, TileSource> kept_;
    std::map<const Tensor*, ProductSource> products_;
    std::map<const Tensor*, MantissaTiles> tiles_;
    std::map<const Tensor*, Unmasked> unmasked_;
};

/// Runs the operation. Its tensors are in the layouts that required_layout() gives. Throws InputError that starts with
/// a tensor's name.
void execute(const Execution& execution, const Operation& operation, const std::vector<Tensor*>& inputs,
             const std::vector<Tensor*>& outputs, Sources& sources);

}  // namespace dfp16::fast
