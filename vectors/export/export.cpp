#include "vectors/export/export.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/types/error.h"
#include "vectors/split.h"

namespace dfp16 {

namespace {

bool parse(const std::string& text, std::int64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0;
}

/// Those of the options in ascending order, each once.
std::vector<std::int64_t> numbers_of(const std::vector<CaseRange>& ranges, const std::string& path,
                                     std::int64_t cases) {
    std::set<std::int64_t> numbers;
    for (const CaseRange& range : ranges) {
        if (range.last >= cases) {
            throw InputError(path + ": case " + std::to_string(range.last) + " does not exist, the file has " +
                             std::to_string(cases) + " cases");
        }
        for (std::int64_t number = range.first; number <= range.last; ++number) numbers.insert(number);
    }
    for (std::int64_t number = 0; ranges.empty() && number < cases; ++number) numbers.insert(numbers.end(), number);
    return {numbers.begin(), numbers.end()};
}

std::int64_t elements_of(const Operands& operands) {
    std::int64_t elements = 0;
    for (const Operand& operand : operands.inputs) elements += operand.shape.elements();
    for (const Operand& operand : operands.outputs) elements += operand.shape.elements();
    return elements;
}

class CaseArranger {
public:
    explicit CaseArranger(const std::map<std::string, std::string>& layouts) : layouts_(layouts) {}

    ExportCase arrange(std::int64_t number, const Case& golden_case, const std::string& params) {
        const Operands operands = operands_of(golden_case);
        try {
            return {number, golden_case, params, arrange(operands.inputs, golden_case.inputs),
                    arrange(operands.outputs, golden_case.outputs)};
        } catch (const InputError& error) {
            throw InputError("case " + case_group_name(number) + ": " + error.what());
        }
    }
    /// Throws InputError for layouts of tensors that never came.
    void require_all_used() const {
        for (const auto& [name, layout] : layouts_) {
            if (!used_.contains(name)) throw InputError("layout of '" + name + "': no case has a tensor of that name");
        }
    }

private:
    std::vector<ExportTensor> arrange(const std::vector<Operand>& operands, const std::vector<HostTensor>& tensors) {
        std::vector<ExportTensor> arranged;
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const auto given = layouts_.find(operands[i].name);
            if (given != layouts_.end()) used_.insert(given->first);
            const Layout layout(given == layouts_.end() ? "" : given->second, operands[i]);
            arranged.push_back({operands[i], operands[i].scaled ? tensors[i].exponent.value : 0, layout,
                                layout.text().empty() ? tensors[i].data : layout.arrange(tensors[i])});
        }
        return arranged;
    }

    const std::map<std::string, std::string>& layouts_;
    std::set<std::string> used_;
};

}  // namespace

std::vector<CaseRange> case_ranges_of(const std::string& text) {
    std::vector<CaseRange> ranges;
    for (const std::string& part : split(text, ',')) {
        const std::vector<std::string> ends = split(part, '-');
        CaseRange range;
        if (ends.size() > 2 || !parse(ends.front(), range.first) || !parse(ends.back(), range.last) ||
            range.first > range.last) {
            throw InputError("cases '" + text + "', expected numbers and ranges as in 0,5-9");
        }
        ranges.push_back(range);
    }
    return ranges;
}

std::map<std::string, std::string> layouts_of(const std::string& text) {
    std::map<std::string, std::string> layouts;
    for (const std::string& part : split(text, ',')) {
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == part.size()) {
            throw InputError("layouts '" + text + "', expected tensors and their layouts as in x=NCHW16c,w=KRSC");
        }
        if (!layouts.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
            throw InputError("layouts '" + text + "': '" + part.substr(0, equals) + "' comes twice");
        }
    }
    return layouts;
}

ExportSelection select_cases(const GoldenReader& reader, const std::string& golden_path, const ExportOptions& options) {
    ExportSelection selection;
    for (const std::int64_t number : numbers_of(options.cases, golden_path, reader.cases())) {
        const CaseHeader header = reader.entry(number).header;
        if (options.op && header.op != *options.op) continue;
        if (options.most_elements > 0 && elements_of(operands_of(header)) > options.most_elements) {
            ++selection.too_large;
            continue;
        }
        selection.numbers.push_back(number);
    }
    if (selection.numbers.empty()) {
        const std::string larger = ", " + std::to_string(selection.too_large) + " are larger than asked for";
        throw InputError(golden_path + ": no case left to export" + (selection.too_large > 0 ? larger : "") +
                         ", expected at least one");
    }
    return selection;
}

ExportReport export_cases(const std::string& golden_path, Exporter& exporter, const ExportOptions& options) {
    const GoldenReader reader(golden_path);
    const ExportSelection selection = select_cases(reader, golden_path, options);
    CaseArranger arranger(options.layouts);
    ExportReport report{0, selection.too_large};
    const auto total = static_cast<std::int64_t>(selection.numbers.size());
    for (const std::int64_t number : selection.numbers) {
        exporter.add(arranger.arrange(number, reader.read(number), reader.entry(number).params));
        ++report.cases;
        if (options.progress) options.progress(report.cases, total);
    }
    arranger.require_all_used();
    exporter.commit();
    return report;
}

}  // namespace dfp16
