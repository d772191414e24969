#include "vectors/stream/verify_stream.h"

#include <fmt/core.h>
#include <unistd.h>

#include "reference/golden.h"
#include "tools/commands/verify_stream.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/report_files.h"

namespace dfp16 {

int verify_stream_command(const boost::program_options::variables_map& given) {
    const std::string name = "standard input";
    ReportFiles files(given);
    DescriptorSource input(STDIN_FILENO, name);
    StreamReader reader(input, name);
    VerifyOptions options;
    options.threads = threads_of(given);
    const auto golden = make_golden_backend(options.threads);
    fmt::print(stderr, "verify: suite {}, level {}, seed {}, contract {}, the answers of {}, threads {}\n",
               reader.header().suite, reader.header().level, reader.header().seed, reader.header().contract, name,
               options.threads);
    VerifyReport report;
    {
        Progress progress("verify");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        report = verify_stream(reader, name, *golden, options);
    }
    print_times(report.times);
    files.write(report);
    return exit_status_of(report);
}

}  // namespace dfp16
