#include "tools/commands/pack.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <cstdio>
#include <iostream>
#include <optional>

#include "reference/data/pack.h"
#include "sim/types/error.h"
#include "tools/interrupt.h"
#include "tools/json_file.h"
#include "tools/options.h"
#include "tools/progress.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options(
        "dfp16 pack --images DIR | --list FILE [--test-images DIR | --test-list FILE] -o FILE [options]: writes JPEG "
        "files and labels to one HDF5 file",
        110);
    // clang-format off
    options.add_options()
        ("images", text_option(""), "training images CLASS/NAME.JPEG, classes numbered by name; or where the list's files are")
        ("list", text_option(""), "training images, a line each: path, tab or blank, label")
        ("test-images", text_option(""), "the same for the test set")
        ("test-list", text_option(""), "the same for the test set")
        ("output,o", po::value<std::string>(), "the HDF5 file to write")
        ("resize", text_option("0"), "shrink larger images to this shorter side; 0: keep every JPEG as it is")
        ("quality", text_option("95"), "JPEG quality of shrunk images")
        ("on-error", text_option("fatal"), "what an image that cannot be decoded is: fatal, or skip (left out and counted)")
        ("threads", text_option(default_threads()), "threads; the file does not depend on them")
        ("json", text_option(""), "file for the result as JSON")
        ("help,h", "this text");
    // clang-format on
    return options;
}

bool skips(const std::string& on_error) {
    if (on_error == "skip") return true;
    if (on_error == "fatal") return false;
    throw InputError("--on-error '" + on_error + "', expected fatal or skip");
}

/// Nothing if neither is given.
std::optional<ImageList> list_of(const std::string& images, const std::string& list,
                                 const std::vector<std::string>& classes) {
    if (!list.empty()) return read_list(list, images, classes);
    if (!images.empty()) return list_directory(images, classes);
    return std::nullopt;
}

/// The double that reads as the float does: 0.485, not 0.48500001.
double shortest(float value) {
    return std::stod(fmt::format("{}", value));
}

boost::json::object result_json(const PackOptions& options, const PackResult& result) {
    boost::json::array mean;
    boost::json::array deviation;
    for (const Normalization& channel : result.header.normalization) {
        mean.push_back(shortest(channel.mean));
        deviation.push_back(shortest(channel.deviation));
    }
    boost::json::array bad;
    for (const BadImage& image : result.bad) bad.push_back({{"path", image.path}, {"reason", image.reason}});
    return {{"file", options.output},
            {"train_images", result.train_images},
            {"test_images", result.test_images},
            {"classes", result.header.classes.size()},
            {"bytes", result.bytes},
            {"mean", mean},
            {"deviation", deviation},
            {"digest", result.digest},
            {"skipped", result.bad.size()},
            {"skipped_images", bad}};
}

PackResult pack_with_progress(const ImageList& train, const std::optional<ImageList>& test, const PackOptions& options,
                              const StopRequest& request) {
    Progress progress("pack");
    PackObserver observer;
    observer.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    observer.bad = [&](const BadImage& image) {
        progress.interrupt();
        std::fputs(fmt::format("pack: skipped {}: {}\n", image.path, image.reason).c_str(), stderr);
    };
    observer.stop = [&] { return request.signal() != 0; };
    return pack_images(train, test, options, observer);
}

void run(const po::variables_map& given, const StopRequest& request) {
    const auto text = [&](const char* option) { return given[option].as<std::string>(); };
    const PackOptions options{.output = required(given, "pack", "output", "-o FILE"),
                              .resize = whole_number(given, "resize", 0, 65500),
                              .quality = static_cast<int>(whole_number(given, "quality", 1, 100)),
                              .skip_bad = skips(text("on-error")),
                              .threads = threads_of(given)};
    JsonFile json(text("json"));
    const std::optional<ImageList> train = list_of(text("images"), text("list"), {});
    if (!train) throw InputError("pack: --images or --list is missing (see dfp16 pack --help)");
    const std::optional<ImageList> test = list_of(text("test-images"), text("test-list"), train->classes);
    std::fputs(fmt::format("pack: {} training and {} test images, {} classes, threads {}\n", train->images.size(),
                           test ? test->images.size() : 0, train->classes.size(), options.threads)
                   .c_str(),
               stderr);
    const PackResult result = pack_with_progress(*train, test, options, request);
    json.commit(result_json(options, result));
    fmt::print("{}: {} training and {} test images of {} classes, {} bytes of JPEG, {} skipped, digest {}\n",
               options.output, result.train_images, result.test_images, result.header.classes.size(), result.bytes,
               result.bad.size(), result.digest);
}

}  // namespace

int pack_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("pack", arguments, description);
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    const StopRequest request;
    try {
        run(given, request);
        return 0;
    } catch (const PackStopped&) {  // the unfinished files are removed by now
        std::fputs("pack: interrupted, nothing written\n", stderr);
        return 128 + request.signal();
    }
}

}  // namespace dfp16
