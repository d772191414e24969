#include "reference/data/data_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "reference/data/idx.h"
#include "reference/data/synthetic.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

DataSource make_synthetic_source(const std::string& text, std::uint64_t seed) {
    const SyntheticSpec spec = synthetic_spec_of(text);
    const std::int64_t test_count = (spec.count + 3) / 4;
    return {make_synthetic(spec, SyntheticSet::train, spec.count, seed),
            make_synthetic(spec, SyntheticSet::test, test_count, seed)};
}

std::string file_in(const std::string& directory, const std::string& name) {
    const std::filesystem::path plain = std::filesystem::path(directory) / name;
    for (const std::string& path : {plain.string(), plain.string() + ".gz"}) {
        std::error_code ignored;  // what cannot be looked at is reported where it is opened
        if (std::filesystem::exists(path, ignored)) return path;
    }
    throw InputError(fmt::format("{}[.gz]: no such file, expected a directory of IDX files", plain.string()));
}

DataSource load_directory(const std::string& directory) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(directory, ignored)) {
        throw InputError(fmt::format(
            "data '{}': no such directory, expected one with IDX files, or synthetic:CxHxW:CLASSES", directory));
    }
    const std::string train_images = file_in(directory, "train-images-idx3-ubyte");
    const std::string train_labels = file_in(directory, "train-labels-idx1-ubyte");
    const std::string test_images = file_in(directory, "t10k-images-idx3-ubyte");
    const std::string test_labels = file_in(directory, "t10k-labels-idx1-ubyte");
    DataSource source;
    source.train = load_idx(train_images, train_labels);
    source.test = load_idx(test_images, test_labels, source.train.classes);
    if (source.test.height != source.train.height || source.test.width != source.train.width) {
        throw InputError(fmt::format("{}: images of {}x{}, expected {}x{} as in {}", test_images, source.test.height,
                                     source.test.width, source.train.height, source.train.width, train_images));
    }
    return source;
}

}  // namespace

DataSource load_data(const std::string& spec, std::uint64_t seed) {
    DataSource source = spec.starts_with("synthetic:") ? make_synthetic_source(spec, seed) : load_directory(spec);
    source.test.normalization = source.train.normalization;
    return source;
}

}  // namespace dfp16
