#include "tools/commands/bench.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <thread>

#include "fastpath/backend.h"
#include "reference/fp32/fp32_backend.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "tools/bench/byte_tile_rate.h"
#include "tools/bench/convolution_times.h"
#include "tools/bench/handover.h"
#include "tools/bench/onednn_convolution.h"
#include "tools/bench/other_times.h"
#include "tools/bench/step_server.h"
#include "tools/bench/step_times.h"
#include "tools/json_file.h"
#include "tools/options.h"
#include "tools/progress.h"

namespace dfp16 {

namespace json = boost::json;
namespace po = boost::program_options;

namespace {

const std::vector<std::string> kParts = {"conv", "step", "breakdown", "spill", "golden", "suites"};

po::options_description options_of() {
    po::options_description options(
        "dfp16 bench [options]: speed as ratios to what is measured beside it, in turn: medians, least and most", 110);
    // clang-format off
    options.add_options()
        ("parts", text_option("conv,step,breakdown,spill,golden,suites"), "what to measure, with commas between")
        ("net", text_option("resnet50,googlenet,vgg16,alexnet"), "networks of step and breakdown, with commas between")
        ("batch", text_option("16"), "images a step")
        ("rounds", text_option("5"), "measurements of each figure")
        ("threads", text_option(default_threads()), "threads")
        ("isa", text_option("auto"), "auto, avx2, avx512bw, avx512vnni or amx")
        ("all", "print every single convolution and operation too")
        ("json", text_option(""), "file for all figures as a list of {name, value, min, max, unit}")
        ("serve", po::value<std::string>(), "run steps of one --net (int16 or fp32), one for each line of standard input, and print "
                                            "the seconds of each: how bench itself runs what it times")
        ("help,h", "this text");
    // clang-format on
    return options;
}

std::vector<std::string> listed(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        names.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return names;
}

std::vector<std::string> parts_of(const po::variables_map& given) {
    const std::vector<std::string> parts = listed(given["parts"].as<std::string>());
    for (const std::string& part : parts) {
        if (std::find(kParts.begin(), kParts.end(), part) != kParts.end()) continue;
        throw InputError("--parts '" + part + "', expected some of conv, step, breakdown, spill, golden, suites");
    }
    return parts;
}

struct BenchOptions {
    std::vector<std::string> parts, networks;
    fast::Isa isa = fast::Isa::portable;
    int threads = 1, rounds = 5;
    std::int64_t batch = 16;
    bool all = false;
};

/// What was measured, printed as it comes.
class Report {
public:
    explicit Report(bool all) : all_(all) {}

    void add(const bench::Record& record, bool headline) {
        records_.push_back(record);
        if (!headline && !all_) return;
        fmt::print("{:52} {:10.4g}   {:.4g} to {:.4g}{}\n", record.name, record.value, record.min, record.max,
                   record.unit == "1" ? "" : " " + record.unit);
        std::fflush(stdout);
    }
    void add(const std::vector<bench::Record>& records, bool headline = true) {
        for (const bench::Record& record : records) add(record, headline);
    }
    bool empty() const { return records_.empty(); }
    void left_out(const std::string& line) { fmt::print("left out: {}\n", line); }

    void commit(JsonFile& file) const {
        json::array list;
        for (const bench::Record& record : records_) {
            list.push_back(json::object{{"name", record.name},
                                        {"value", record.value},
                                        {"min", record.min},
                                        {"max", record.max},
                                        {"unit", record.unit}});
        }
        file.commit_list(list);
    }

private:
    bool all_;
    std::vector<bench::Record> records_;
};

/// conv.of.a.single.layer.PASS.of_peak has more dots than a headline has.
bool is_headline(const std::string& name) {
    return name.find('/') == std::string::npos;
}

void note(const std::string& text) {
    fmt::print(stderr, "bench: {}\n", text);
}

void bench_convolutions(const BenchOptions& options, Report& report) {
    Progress progress("bench: conv");
    bench::ConvolutionOptions conv{options.isa, options.threads, options.batch, options.rounds, {}};
    conv.progress = [&](std::int64_t done, std::int64_t total, const std::string& text) {
        progress.update(done, total, text);
    };
    const std::vector<bench::Record> records = bench::records_of(bench::measure_convolutions(conv));
    progress.interrupt();
    const bool side_by_side = options.threads > 1 && std::thread::hardware_concurrency() > 1;
    if (side_by_side) report.add(bench::measure_handover(options.rounds), true);
    if (options.isa == fast::Isa::amx) {
        ThreadPool pool(options.threads);
        report.add(bench::measure_byte_tile_rate(pool, options.rounds), true);
    }
    for (const bench::Record& record : records) report.add(record, is_headline(record.name));
    if (!bench::has_onednn()) report.left_out("conv.vs_onednn_fp32: built without oneDNN (Debian: libdnnl-dev)");
}

void print_breakdown(const std::string& network, const bench::Breakdown& breakdown) {
    fmt::print(
        "\n{}: a step of {:.1f} ms; peak {:.1f} GMAC/s, copying {:.1f} GB/s; roofline: the larger of what MACs and "
        "stored\n"
        "bytes take at these peaks\n{:28} {:16} {:22} {:>9} {:>7} {:>9} {:>9}\n",
        network, 1e3 * breakdown.seconds, 1e-9 * breakdown.macs_per_second, 1e-9 * breakdown.bytes_per_second, "layer",
        "pass", "operation", "ms", "share", "roof ms", "of roof");
    for (const bench::OperationTime& time : breakdown.operations) {
        fmt::print("{:28} {:16} {:22} {:9.3f} {:6.2f}% {:9.3f} {:9.2f}\n", time.layer, name_of(time.pass),
                   name_of(time.kind), 1e3 * time.seconds, 100.0 * time.seconds / breakdown.seconds,
                   1e3 * time.roofline_seconds, time.roofline_seconds / time.seconds);
    }
}

/// Seconds by kind of operation and pass, the most first.
void print_kinds(const std::string& network, const bench::Breakdown& breakdown) {
    struct Total {
        std::string name;
        double seconds = 0.0, roofline = 0.0;
    };
    std::vector<Total> totals;
    for (const bench::OperationTime& time : breakdown.operations) {
        const std::string name = fmt::format("{:16} {}", name_of(time.pass), name_of(time.kind));
        auto found = std::find_if(totals.begin(), totals.end(), [&](const Total& total) { return total.name == name; });
        if (found == totals.end()) found = totals.insert(found, {name, 0.0, 0.0});
        found->seconds += time.seconds;
        found->roofline += time.roofline_seconds;
    }
    std::sort(totals.begin(), totals.end(), [](const Total& a, const Total& b) { return a.seconds > b.seconds; });
    fmt::print("\n{}: a step of {:.1f} ms, by operation\n", network, 1e3 * breakdown.seconds);
    for (const Total& total : totals) {
        fmt::print("  {:40} {:9.2f} ms {:6.2f} %  of roofline {:.2f}\n", total.name, 1e3 * total.seconds,
                   100.0 * total.seconds / breakdown.seconds, total.roofline / total.seconds);
    }
}

void bench_steps(const BenchOptions& options, bool steps, bool breakdown, Report& report) {
    bench::StepOptions step{std::filesystem::read_symlink("/proc/self/exe").string(),
                            options.isa,
                            options.threads,
                            options.batch,
                            options.rounds,
                            note};
    for (const std::string& network : options.networks) {
        if (steps) {
            std::vector<std::string> left_out;
            report.add(bench::measure_steps(network, step, left_out));
            for (const std::string& line : left_out) report.left_out(line);
        }
        if (!breakdown) continue;
        note(network + ": breakdown");
        const bench::Breakdown result = bench::break_down(network, step);
        report.add({bench::record_of("step." + network + ".outside_matmul", result.outside_products)});
        options.all ? print_breakdown(network, result) : print_kinds(network, result);
    }
}

int serve(const po::variables_map& given, const BenchOptions& options) {
    const std::string precision = given["serve"].as<std::string>();
    if (precision != "int16" && precision != "fp32") {
        throw InputError("--serve '" + precision + "', expected int16 or fp32");
    }
    if (options.networks.size() != 1) throw InputError("--serve takes one --net");
    const Network network = network_of(options.networks[0], {.input = published_input(options.networks[0])});
    const bool int16 = precision == "int16";
    const auto backend = int16 ? fast::make_backend(options.isa, options.threads) : make_fp32_backend(options.threads);
    bench::StepRunner runner(network, options.batch, int16 ? Precision::int16 : Precision::fp32, *backend);
    bench::serve_steps(runner, std::cin, std::cout);
    return 0;
}

}  // namespace

int bench_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("bench", arguments, description);
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    const BenchOptions options{.parts = parts_of(given),
                               .networks = listed(given["net"].as<std::string>()),
                               .isa = fast::isa_of(given["isa"].as<std::string>()),
                               .threads = threads_of(given),
                               .rounds = static_cast<int>(whole_number(given, "rounds", 1, 1000)),
                               .batch = whole_number(given, "batch", 1, 4096),
                               .all = given.contains("all")};
    for (const std::string& network : options.networks) published_input(network);  // known early
    if (given.contains("serve")) return serve(given, options);
    JsonFile file(given["json"].as<std::string>());
    fmt::print(stderr, "bench: contract {}, ISA {}, threads {}, batch {}, rounds {}\n", kContractVersion,
               fast::name_of(options.isa), options.threads, options.batch, options.rounds);
    const auto has = [&](const char* part) {
        return std::find(options.parts.begin(), options.parts.end(), part) != options.parts.end();
    };
    Report report(options.all);
    try {
        if (has("conv")) bench_convolutions(options, report);
        if (has("step") || has("breakdown")) bench_steps(options, has("step"), has("breakdown"), report);
        if (has("spill")) {
            report.add({bench::measure_spill(options.isa, options.threads, options.batch, options.rounds, note)});
        }
        if (has("golden")) report.add({bench::measure_golden(options.rounds)});
        if (has("suites")) report.add({bench::measure_suites(options.threads)});
    } catch (const std::exception&) {
        if (!report.empty()) report.commit(file);  // what was measured is not lost
        throw;
    }
    report.commit(file);
    return 0;
}

}  // namespace dfp16
