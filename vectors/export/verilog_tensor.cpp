#include "vectors/export/verilog_tensor.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace dfp16 {

std::string hex_text(const VerilogTensor& layout, const HostTensor& tensor) {
    const std::int64_t words = layout.words();
    std::vector<std::uint32_t> positions(static_cast<std::size_t>(words * layout.lanes));
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        positions[static_cast<std::size_t>(layout.order.position(i))] = tensor.bits(i);
    }
    std::string text = fmt::format("// {} {} {}, {} a word, order {}\n", layout.operand.name, name_of(tensor.type()),
                                   tensor.shape.text(), layout.lanes, layout.order.text());
    const int digits = layout.bits() / 4;
    for (std::int64_t word = 0; word < words; ++word) {
        for (std::int64_t lane = layout.lanes; lane-- > 0;) {
            fmt::format_to(std::back_inserter(text), "{:0{}x}",
                           positions[static_cast<std::size_t>(word * layout.lanes + lane)], digits);
        }
        text += '\n';
    }
    return text;
}

}  // namespace dfp16
