#include "vectors/digest.h"

#include <algorithm>
#include <vector>

#include "reference/files/hasher.h"

namespace dfp16 {

namespace {

void add_tensor(Hasher& hasher, const std::string& name, const HostTensor& tensor, bool scaled) {
    hasher.text(name);
    hasher.text(name_of(tensor.type()));
    hasher.number(static_cast<std::int64_t>(tensor.shape.rank()));
    for (std::size_t i = 0; i < tensor.shape.rank(); ++i) hasher.number(tensor.shape[i]);
    hasher.number(scaled ? tensor.exponent.value : 0);
    std::visit([&](const auto& elements) { hasher.bytes(elements.data(), elements.size() * sizeof elements[0]); },
               tensor.data);
}

}  // namespace

std::string digest_of(const Case& golden_case, const std::string& params) {
    struct Entry {
        std::string name;
        const HostTensor* tensor;
        bool scaled;
    };
    std::vector<Entry> entries;
    const Operands operands = operands_of(golden_case);
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        entries.push_back({"inputs/" + operands.inputs[i].name, &golden_case.inputs[i], operands.inputs[i].scaled});
    }
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        entries.push_back({"outputs/" + operands.outputs[i].name, &golden_case.outputs[i], operands.outputs[i].scaled});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });

    Hasher hasher;
    hasher.text(golden_case.name);
    hasher.text(name_of(golden_case.op));
    hasher.text(params);
    for (const Entry& entry : entries) add_tensor(hasher, entry.name, *entry.tensor, entry.scaled);
    return hasher.hex();
}

}  // namespace dfp16
