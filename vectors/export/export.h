// The cases of a golden file in other formats (docs/exports.md).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/export/layout.h"
#include "vectors/golden_file.h"

namespace dfp16 {

/// A tensor as it is exported.
struct ExportTensor {
    Operand operand;
    int exponent = 0;
    Layout layout;
    decltype(HostTensor::data) data;  ///< in the order of the layout
};

struct ExportCase {
    std::int64_t number = 0;
    CaseHeader header;
    std::string params;  ///< JSON
    std::vector<ExportTensor> inputs;
    std::vector<ExportTensor> outputs;
};

/// One format. What it writes appears whole, upon commit(), or not at all.
class Exporter {
public:
    virtual ~Exporter() = default;
    /// Throws InputError for a failed write.
    virtual void add(const ExportCase& exported) = 0;
    /// Nothing can be added afterwards. Throws InputError.
    virtual void commit() = 0;
};

// Each throws InputError for an unwritable place.

/// A new directory of PATH/CASE/inputs/NAME.npy, PATH/CASE/outputs/NAME.npy and PATH/CASE/case.json.
std::unique_ptr<Exporter> make_npy_exporter(const std::string& path);
/// One zip file, stored or deflated, of arrays CASE/op, CASE/name, CASE/params (bytes); CASE/inputs/NAME; its exponent,
/// if it has one, CASE/exponents/inputs/NAME; its layout, if one was asked for, CASE/layouts/inputs/NAME; likewise
/// outputs.
std::unique_ptr<Exporter> make_npz_exporter(const std::string& path, bool deflated);
/// A C99 header: arrays, macros, and a table of cases. Names begin with the file's name.
std::unique_ptr<Exporter> make_c_exporter(const std::string& path, const FileHeader& header);
/// One JSON object a line and case.
std::unique_ptr<Exporter> make_jsonl_exporter(const std::string& path);

/// First and last of some cases.
struct CaseRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// "0,5-9". Throws InputError.
std::vector<CaseRange> case_ranges_of(const std::string& text);
/// "x=NCHW16c,w=KRSC": tensor -> layout. Throws InputError.
std::map<std::string, std::string> layouts_of(const std::string& text);

struct ExportOptions {
    std::vector<CaseRange> cases;                ///< empty: all
    std::optional<OpKind> op;                    ///< none: all
    std::map<std::string, std::string> layouts;  ///< of tensors by name; logical order without one
    std::int64_t most_elements = 0;  ///< larger cases (inputs and outputs together) are left out; 0: no limit
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< may be empty
};

struct ExportReport {
    std::int64_t cases = 0;
    std::int64_t too_large = 0;
};

/// The cases that the options choose, and how many of them are too large. Throws InputError for a choice that leaves no
/// case, and for a case beyond the last.
struct ExportSelection {
    std::vector<std::int64_t> numbers;
    std::int64_t too_large = 0;
};
ExportSelection select_cases(const GoldenReader& reader, const std::string& golden_path, const ExportOptions& options);

/// Exports the chosen cases, one by one, and commits. Throws InputError for a damaged file, a choice that leaves no
/// case, a case beyond the last, and a layout of a tensor that no case has or that does not fit.
ExportReport export_cases(const std::string& golden_path, Exporter& exporter, const ExportOptions& options);

}  // namespace dfp16
