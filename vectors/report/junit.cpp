#include "vectors/report/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace dfp16 {

std::string xml_escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            case '\n': result += '\n'; break;
            default: result += static_cast<unsigned char>(c) < 0x20 ? std::string("\xEF\xBF\xBD") : std::string(1, c);
        }
    }
    return result;
}

namespace {

std::string failure_of(const Mismatch& mismatch) {
    return fmt::format("    <failure type=\"{}\" message=\"{}\">{}</failure>\n", xml_escaped(mismatch.kind),
                       xml_escaped(mismatch.got + " on " + mismatch.isa + ": " + mismatch.difference),
                       xml_escaped(text_of(mismatch)));
}

}  // namespace

std::string report_to_junit(const VerifyReport& report) {
    const auto skipped = std::ranges::count_if(report.cases, &CaseResult::skipped);
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const std::string totals = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
                                           report.cases.size(), report.failed_cases(), skipped);
    fmt::format_to(std::back_inserter(text), "<testsuites name=\"dfp16 verify\" {}>\n", totals);
    fmt::format_to(std::back_inserter(text), "<testsuite name=\"{}\" {}>\n", xml_escaped(report.source), totals);
    auto mismatch = report.mismatches.begin();  // in the order of the cases
    for (const CaseResult& result : report.cases) {
        fmt::format_to(std::back_inserter(text), "  <testcase classname=\"{}\" name=\"{} {}\"", xml_escaped(result.op),
                       case_group_name(result.number), xml_escaped(result.name));
        std::string inner;
        for (; mismatch != report.mismatches.end() && mismatch->case_number == result.number; ++mismatch) {
            inner += failure_of(*mismatch);
        }
        if (result.skipped) inner += "    <skipped message=\"no kernel implements it\"/>\n";
        text += inner.empty() ? "/>\n" : ">\n" + inner + "  </testcase>\n";
    }
    return text + "</testsuite>\n</testsuites>\n";
}

}  // namespace dfp16
