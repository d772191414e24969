#include "vectors/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "vectors/report/heat_map_svg.h"
#include "vectors/report/junit.h"

namespace dfp16 {

namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --line: #8885; --good: #2a8a3a; --bad: #d03020; --bar: #4a7fc0; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
.table { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
section.mismatch { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0; }
section.mismatch h3 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
figure { margin: .6rem 0 0; overflow-x: auto; } figcaption { font-size: .85rem; opacity: .75; }
.bar { display: inline-block; height: .7em; background: var(--bar); border-radius: 2px; }
)";

constexpr std::size_t kShown = kHeatMaps;

std::string heading_of(const VerifyReport& report) {
    const std::int64_t failed = report.failed_cases();
    const std::size_t cases = report.cases.size();
    std::string verdict = failed == 0 ? fmt::format("<span class=\"good\">all {} cases equal</span>", cases)
                                      : fmt::format("<span class=\"bad\">{} of {} cases fail</span>", failed, cases);
    if (cases == 0) verdict = "<span class=\"bad\">no case was run</span>";
    return fmt::format(
        "<h1>dfp16 verify: {}</h1>\n<p>{}. Suite {}, level {}, seed {}, contract {}, shard {}/{}, {} threads.</p>\n",
        verdict, xml_escaped(report.source), xml_escaped(report.header.suite), report.header.level, report.header.seed,
        xml_escaped(report.header.contract), report.shard.index, report.shard.count, report.threads);
}

std::string backends_of(const VerifyReport& report) {
    std::string html =
        "<h2>Who was compared</h2>\n<div class=\"table\"><table><tr><th>backend<th>on<th>with"
        "<th class=\"number\">cases<th class=\"number\">elements<th class=\"number\">cases that differ"
        "<th class=\"number\">elements that differ<th class=\"number\">bits that differ<th "
        "class=\"number\">skipped</tr>\n";
    for (const BackendResult& result : report.backends) {
        const bool golden = &result == &report.backends.front();
        fmt::format_to(std::back_inserter(html),
                       "<tr><td>{}<td>{}<td>{}<td class=\"number\">{}<td class=\"number\">{}<td class=\"number {}\">{}"
                       "<td class=\"number\">{}<td class=\"number\">{}<td class=\"number\">{}</tr>\n",
                       xml_escaped(result.name), xml_escaped(result.isa),
                       !golden         ? "golden"
                       : report.stored ? "what is stored"
                                       : "nothing: it made them",
                       result.cases, result.elements, result.cases_differ == 0 ? "good" : "bad", result.cases_differ,
                       result.elements_differ, result.bits_differ, result.skipped);
    }
    html += "</table></div>\n";
    for (const std::string& isa : report.absent) {
        html += "<p>" + xml_escaped(isa) + " skipped: this CPU lacks it.</p>\n";
    }
    return html;
}

std::string mismatch_of(const Mismatch& m) {
    std::string html = fmt::format(
        "<section class=\"mismatch\"><h3>case {} <code>{}</code></h3>\n<p>{}: {} on {} disagrees with {}"
        " (<span class=\"bad\">{}</span>; {} elements, {} bits)</p>\n<p><code>{}</code></p>\n",
        case_group_name(m.case_number), xml_escaped(m.case_name), xml_escaped(m.op), xml_escaped(m.got),
        xml_escaped(m.isa), xml_escaped(m.expected), xml_escaped(m.kind), m.differing_elements, m.differing_bits,
        xml_escaped(m.difference));
    if (!m.exponents.empty()) html += "<p>exponents of the inputs: " + xml_escaped(m.exponents) + "</p>\n";
    html += "<p>reproduce: <code>" + xml_escaped(m.reproduce) + "</code></p>\n";
    if (m.heat) html += heat_map_svg(*m.heat);
    return html + "</section>\n";
}

std::string mismatches_of(const VerifyReport& report) {
    if (report.mismatches.empty()) return "";
    const std::size_t shown = std::min(kShown, report.mismatches.size());
    std::string html = fmt::format("<h2>Mismatches: the first {} of {}</h2>\n", shown, report.mismatches.size());
    for (std::size_t i = 0; i < shown; ++i) html += mismatch_of(report.mismatches[i]);
    return html;
}

std::string coverage_of(const VerifyReport& report) {
    std::int64_t most = 1;
    for (const auto& [name, count] : report.classes) most = std::max(most, count.cases);
    std::string html =
        "<h2>Coverage</h2>\n<div class=\"table\"><table><tr><th>class<th>kind<th class=\"number\">cases<th></tr>\n";
    for (const auto& [name, count] : report.classes) {
        fmt::format_to(
            std::back_inserter(html),
            "<tr><td>{}<td>{}<td class=\"number\">{}<td><span class=\"bar\" style=\"width:{}px\"></span></tr>\n",
            xml_escaped(name), count.corner ? "corner" : "plain", count.cases,
            std::max<std::int64_t>(1, 200 * count.cases / most));
    }
    return html + "</table></div>\n";
}

}  // namespace

std::string report_to_html(const VerifyReport& report) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>dfp16 verify: {}</title>\n<style>{}</style></head><body>\n{}{}{}{}"
        "</body></html>\n",
        xml_escaped(report.source), kStyle, heading_of(report), mismatches_of(report), backends_of(report),
        coverage_of(report));
}

}  // namespace dfp16
