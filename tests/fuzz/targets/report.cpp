// Results of verify as JSON; what is accepted must survive being written and read again, and be shown.
#include <boost/json.hpp>

#include "tests/fuzz/helpers.h"
#include "tests/fuzz/input_file.h"
#include "vectors/report/html.h"
#include "vectors/report/junit.h"
#include "vectors/report/merge.h"
#include "vectors/report/report_json.h"

namespace dfp16::fuzz {

void report(Bytes bytes) {
    const InputFile file(bytes);
    accepted([&] {
        const VerifyReport read = read_report(file.path());
        const boost::json::object written = report_to_json(read);
        require(report_to_json(report_from_json(written, "again")) == written, "written and read again");
        require(!report_to_html(read).empty() && !report_to_junit(read).empty(), "shown");
        merge({{"report", read}});
    });
}

}  // namespace dfp16::fuzz
