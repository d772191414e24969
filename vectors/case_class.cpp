#include "vectors/case_class.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "vectors/geometry_class.h"
#include "vectors/names.h"
#include "vectors/operands.h"

namespace dfp16 {

namespace {

/// What names say of values, as they stand.
const std::set<std::string, std::less<>> kValues = {"uniform",
                                                    "bell",
                                                    "relu",
                                                    "zeros",
                                                    "largest",
                                                    "one-large",
                                                    "walking-ones",
                                                    "walking-zeros",
                                                    "extremes",
                                                    "two-powers",
                                                    "patterns",
                                                    "lowest",
                                                    "ties",
                                                    "cancels-later",
                                                    "sum-under-2^31",
                                                    "sum-at-2^31",
                                                    "sum-over-2^31",
                                                    "wide",
                                                    "below-power",
                                                    "walking",
                                                    "subnormal",
                                                    "small",
                                                    "cancels-to-zero",
                                                    "all-mantissas",
                                                    "offset",
                                                    "constant",
                                                    "large",
                                                    "start",
                                                    "trained",
                                                    "gamma-zero",
                                                    "far-off",
                                                    "gamma-negative",
                                                    "huge",
                                                    "around-87",
                                                    "drawn",
                                                    "certain",
                                                    "cancel",
                                                    "usual",
                                                    "no-decay",
                                                    "no-momentum",
                                                    "no-rate",
                                                    "ones",
                                                    "rounds-twice",
                                                    "fraction-is-word",
                                                    "largest-last",
                                                    "nearly-constant",
                                                    "two-scores",
                                                    "subnormal-rate",
                                                    "tiny-decay"};

/// What the suites call scales, and one class for each; `end`: also as the end of a name of values.
struct ScaleName {
    std::string_view text;
    const char* name;
    bool end;
};

constexpr ScaleName kScales[] = {
    {"below-smallest-exponent", "scale smallest", true},
    {"smallest-exponents", "scale smallest", true},
    {"smallest-exponent", "scale smallest", true},
    {"largest-exponent", "scale largest", true},
    {"largest-fp32", "scale largest", false},
    {"subnormal-ties", "scale subnormal-ties", false},
    {"divisor-beyond", "scale divisor-beyond", false},
    {"ordinary", "ordinary scale", false},
};

const std::set<std::string, std::less<>> kPlain = {"uniform",
                                                   "bell",
                                                   "relu",
                                                   "start",
                                                   "trained",
                                                   "drawn",
                                                   "usual",
                                                   "no-decay",
                                                   "ordinary scale",
                                                   "rate",
                                                   "exponents equal",
                                                   "exponents near",
                                                   "random words",
                                                   "mask none",
                                                   "mask merge",
                                                   "mask zero",
                                                   "policy exact",
                                                   "policy chain",
                                                   "policy wrap",
                                                   "policy saturate",
                                                   "policy fma",
                                                   "rounding nearest-even",
                                                   "rounding toward-zero",
                                                   "rounding stochastic",
                                                   "with relu",
                                                   "loss weight",
                                                   "several images",
                                                   "stride",
                                                   "padding",
                                                   "windows overlap",
                                                   "several blocks in C",
                                                   "several blocks in K",
                                                   "several blocks in M",
                                                   "several blocks in N",
                                                   "tail of 16 elements",
                                                   "input beyond last window",
                                                   "training step"};

std::vector<std::string> segments_of(const std::string& name) {
    std::vector<std::string> segments(1);
    for (const char c : name) {
        if (c == '/') {
            segments.emplace_back();
        } else {
            segments.back() += c;
        }
    }
    return segments;
}

bool strip(std::string& text, std::string_view end) {
    if (!text.ends_with(end)) return false;
    text.resize(text.size() - end.size());
    return true;
}

/// Removes "-h2", "-h2-h0" at the end.
void strip_headrooms(std::string& text) {
    for (int i = 0; i < 2; ++i) {
        const std::size_t digits = text.find_last_not_of("0123456789");
        if (digits == std::string::npos || digits + 1 == text.size() || digits < 1) return;
        if (text[digits] != 'h' || text[digits - 1] != '-') return;
        text.resize(digits - 1);
    }
}

std::optional<Accumulation> accumulation_of(const OpParams& params) {
    if (const auto* conv = std::get_if<ConvParams>(&params)) return conv->accumulation;
    if (const auto* gemm = std::get_if<GemmParams>(&params)) return gemm->accumulation;
    if (const auto* fc = std::get_if<FcParams>(&params)) return fc->accumulation;
    return std::nullopt;
}

/// Reads the parts of a name one by one.
class NameClasses {
public:
    explicit NameClasses(const CaseHeader& header) : header_(header) {
        for (const std::string& segment : segments_of(header.name)) read(segment);
        if (!scaled_) names_.emplace_back("ordinary scale");
    }
    std::vector<std::string> take() { return std::move(names_); }

private:
    void read(std::string text) {
        strip_headrooms(text);
        if (strip(text, "-relu")) names_.emplace_back("with relu");
        if (strip(text, "-edge")) names_.emplace_back("edge of INT32");
        if (strip(text, "-first-larger") || strip(text, "-second-larger")) names_.emplace_back("exponents differ");
        if (read_scale(text)) return;
        strip_headrooms(text);
        if (read_prefixed(text)) return;
        if (text == "equal") {
            names_.emplace_back(header_.op == OpKind::softmax_forward ? "equal scores" : "exponents equal");
        } else if (text == "near" || text == "far" || text == "one-smallest" || text == "one-largest") {
            names_.push_back("exponents " + text);
        } else {
            read_values(text);
        }
    }

    /// Whether nothing is left to read.
    bool read_scale(std::string& text) {
        const auto accumulation = accumulation_of(header_.params);
        const bool scaled = accumulation && accumulation->policy != Policy::fma;
        if (text == "subnormal" && scaled) return add_scale("scale subnormal");
        for (const ScaleName& scale : kScales) {
            if (text == scale.text) return add_scale(scale.name);
            if (scale.end && strip(text, "-" + std::string(scale.text))) {
                add_scale(scale.name);
                return false;
            }
        }
        return false;
    }

    bool add_scale(const char* name) {
        names_.emplace_back(name);
        return scaled_ = true;
    }

    bool read_prefixed(const std::string& text) {
        if (text.starts_with("gap") && text.size() <= 6 &&
            text.find_first_not_of("0123456789", 3) == std::string::npos) {
            constexpr int kMantissaBits = 16;
            const int gap = text.size() > 3 ? std::stoi(text.substr(3)) : 0;
            names_.emplace_back(gap == 0 ? "exponents equal" : gap > kMantissaBits ? "operand vanishes" : "alignment");
            return true;
        }
        if (text.starts_with("ties-shift")) return read_values("ties");
        if (text.starts_with("rate-")) {
            const std::string rate = text.substr(5);
            const bool usual = rate == "half" || rate == "0.4" || rate == "0.7" || rate == "drawn";
            names_.push_back(usual ? "rate" : "rate " + rate);
            return true;
        }
        if (text.starts_with("step") && text.find_first_not_of("0123456789", 4) == std::string::npos) {
            names_.emplace_back("training step");
            return true;
        }
        if (text.starts_with("words-of-")) {
            names_.emplace_back("ends of random words");
            return true;
        }
        if (text.starts_with("mask-")) {
            names_.push_back("mask " + text.substr(5));
            return true;
        }
        if (text.starts_with("weight")) {
            if (text != "weight1.000000" && header_.op == OpKind::softmax_backward) names_.emplace_back("loss weight");
            return header_.op == OpKind::softmax_backward;
        }
        return false;
    }

    /// One class, or those of both operands: "subnormal-bell".
    bool read_values(const std::string& text) {
        if (kValues.contains(text)) {
            names_.push_back(text);
            return true;
        }
        for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at + 1)) {
            const std::string first = text.substr(0, at);
            const std::string second = text.substr(at + 1);
            if (!kValues.contains(first) || !kValues.contains(second)) continue;
            names_.push_back(first);
            names_.push_back(second);
            return true;
        }
        return false;
    }

    const CaseHeader& header_;
    std::vector<std::string> names_;
    bool scaled_ = false;
};

/// Of the operations whose result it rounds.
std::optional<RoundingParams> rounding_of(const CaseHeader& header) {
    if (const auto* rounding = std::get_if<RoundingParams>(&header.params)) return *rounding;
    if (const auto* add = std::get_if<AddParams>(&header.params)) return add->rounding;
    if (header.op == OpKind::max_pool_backward) return std::get<PoolParams>(header.params).rounding;
    if (header.op == OpKind::concat_forward) return std::get<ConcatParams>(header.params).rounding;
    return std::nullopt;
}

std::vector<std::string> parameter_classes_of(const CaseHeader& header) {
    std::vector<std::string> names;
    if (const auto accumulation = accumulation_of(header.params)) {
        names.push_back(std::string("policy ") + name_of(accumulation->policy));
    }
    if (const auto rounding = rounding_of(header)) {
        names.push_back(std::string("rounding ") + name_of(rounding->rounding));
        if (header.op != OpKind::concat_forward) names.push_back("headroom " + std::to_string(rounding->headroom));
    }
    if (const auto* instruction = std::get_if<InstructionParams>(&header.params)) {
        names.push_back("width " + std::to_string(instruction->width));
    }
    return names;
}

}  // namespace

std::vector<std::string> classes_of(const CaseHeader& header) {
    std::vector<std::string> all = NameClasses(header).take();
    for (const auto& more : {parameter_classes_of(header), geometry_classes_of(header)}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    std::vector<std::string> once;
    for (const std::string& name : all) {
        if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(name);
    }
    return once;
}

bool is_corner_class(const std::string& name) {
    return !kPlain.contains(name) && !name.starts_with("headroom ") && !name.starts_with("width ");
}

bool is_corner_case(const CaseHeader& header) {
    const std::vector<std::string> classes = classes_of(header);
    return std::any_of(classes.begin(), classes.end(), is_corner_class);
}

}  // namespace dfp16
