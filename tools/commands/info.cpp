#include "tools/commands/info.h"

#include <fmt/core.h>

#include <fstream>
#include <iostream>

#include "fastpath/isa.h"
#include "sim/types/contract_version.h"
#include "tools/options.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

/// As Linux names it.
std::string cpu_name() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        if (!line.starts_with("model name")) continue;
        const std::size_t colon = line.find(": ");
        if (colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown";
}

std::string isas(bool supported) {
    std::string names;
    for (const fast::Isa isa : fast::kIsas) {
        if (fast::supported(isa) == supported) names += (names.empty() ? "" : " ") + std::string(fast::name_of(isa));
    }
    return names.empty() ? "none" : names;
}

}  // namespace

int info_command(const std::vector<std::string>& arguments) {
    po::options_description options("dfp16 info: version, contract version, CPU and its ISAs", 110);
    options.add_options()("help,h", "this text");
    if (parse_options("info", arguments, options).contains("help")) {
        std::cout << options;
        return 0;
    }
    fmt::print("version      dfp16 {}\n", DFP16_VERSION);
    fmt::print("contract     {}\n", kContractVersion);
    fmt::print("cpu          {}\n", cpu_name());
    fmt::print("threads      {}\n", default_threads());
    fmt::print("isas         {}\n", isas(true));
    fmt::print("isas lacking {}\n", isas(false));
    fmt::print("default isa  {}\n", fast::name_of(fast::isa_of("auto")));
    return 0;
}

}  // namespace dfp16
