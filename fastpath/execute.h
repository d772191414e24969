// One operation on tensors in memory.
#pragma once

#include <map>
#include <vector>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/tile_source.h"
#include "fastpath/product_source.h"
#include "fastpath/tensor.h"
#include "reference/interface/graph.h"

namespace dfp16::fast {

/// What stands for the tensors that are folded into the quantize that reads them.
class Sources {
public:
    /// y's elements: written now, or kept for later if y has no memory.
    void give(const Execution& execution, const TileSource& source, Tensor& y);
    TileSource of(const Tensor& x) const;
    /// The same for products, of tensors without memory.
    void keep(const ProductSource& product, const Tensor& y);
    /// Null if x is no such tensor.
    const ProductSource* product(const Tensor& x) const;

private:
    std::map<const Tensor*, TileSource> kept_;
    std::map<const Tensor*, ProductSource> products_;
};

/// Runs the operation. Its tensors are in the layouts that required_layout() gives. Throws InputError that starts with
/// a tensor's name.
void execute(const Execution& execution, const Operation& operation, const std::vector<Tensor*>& inputs,
             const std::vector<Tensor*>& outputs, Sources& sources);

}  // namespace dfp16::fast
