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

struct Entry {
    std::string name;
    const HostTensor* tensor;
    bool scaled;
};

void add_entries(std::vector<Entry>& entries, const std::string& group, const std::vector<Operand>& operands,
                 const std::vector<HostTensor>& tensors) {
    for (std::size_t i = 0; i < operands.size(); ++i) {
        entries.push_back({group + operands[i].name, &tensors[i], operands[i].scaled});
    }
}

std::string digest_of(const Case& golden_case, const std::string& params, std::vector<Entry> entries) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    Hasher hasher;
    hasher.text(golden_case.name);
    hasher.text(name_of(golden_case.op));
    hasher.text(params);
    for (const Entry& entry : entries) add_tensor(hasher, entry.name, *entry.tensor, entry.scaled);
    return hasher.hex();
}

}  // namespace

std::string digest_of(const Case& golden_case, const std::string& params) {
    const Operands operands = operands_of(golden_case);
    std::vector<Entry> entries;
    add_entries(entries, "inputs/", operands.inputs, golden_case.inputs);
    add_entries(entries, "outputs/", operands.outputs, golden_case.outputs);
    return digest_of(golden_case, params, std::move(entries));
}

std::string digest_of_inputs(const Case& golden_case, const std::string& params) {
    std::vector<Entry> entries;
    add_entries(entries, "inputs/", operands_of(golden_case).inputs, golden_case.inputs);
    return digest_of(golden_case, params, std::move(entries));
}

}  // namespace dfp16
