#include "fastpath/wanted_statistics.h"

namespace dfp16::fast {

WantedStatistics wanted_statistics(const Graph& graph) {
    const std::size_t count = graph.tensors.size();
    WantedStatistics wanted{std::vector<bool>(count, false), std::vector<std::optional<TensorId>>(count),
                            std::vector<bool>(count, false)};
    std::vector<std::size_t> written(count, 0);  // 1 + the last operation that writes it
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        for (const TensorId id : graph.operations[i].outputs) written[id] = i + 1;
    }
    for (const Operation& operation : graph.operations) {
        if (operation.kind == OpKind::relu_backward) wanted.positive[operation.inputs[1]] = true;
        if (operation.kind == OpKind::batch_norm_forward) wanted.squares[operation.inputs[0]] = true;
    }
    for (const Operation& operation : graph.operations) {
        if (operation.kind != OpKind::batch_norm_backward) continue;
        const TensorId x = operation.inputs[0];
        const TensorId dy = operation.inputs[1];
        const bool there = graph.tensors[x].storage == Storage::stored && written[x] < written[dy];
        if (there && !wanted.squares[dy] && !wanted.factor[dy]) wanted.factor[dy] = x;
    }
    return wanted;
}

}  // namespace dfp16::fast
