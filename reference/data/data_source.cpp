#include "reference/data/data_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "reference/data/idx.h"
#include "reference/data/packed_images.h"
#include "reference/data/synthetic.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

DataSource make_synthetic_source(const std::string& text, std::uint64_t seed) {
    const SyntheticSpec spec = synthetic_spec_of(text);
    const std::int64_t test_count = (spec.count + 3) / 4;
    DataSource source;
    source.train = make_synthetic(spec, SyntheticSet::train, spec.count, seed);
    source.test = make_synthetic(spec, SyntheticSet::test, test_count, seed);
    return source;
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
        throw InputError(
            fmt::format("data '{}': no such file or directory, expected a packed file, a directory of IDX files, or "
                        "synthetic:CxHxW:CLASSES",
                        directory));
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

Dataset packed_set(const std::shared_ptr<const PackedImages>& images, const PackedHeader& header,
                   const ImageSize& size) {
    Dataset set;
    set.packed = images;
    set.count = static_cast<std::int64_t>(images->index().count());
    set.channels = 3;
    set.height = size.height;
    set.width = size.width;
    set.classes = static_cast<std::int64_t>(header.classes.size());
    for (const std::int32_t label : images->index().labels) set.labels.push_back(Label{label});
    set.normalization = header.normalization;
    return set;
}

DataSource load_packed(const std::string& path, const DataOptions& options) {
    const PackedFile file = open_packed(path, options.threads);
    if (!file.test) {
        throw InputError(path + ": no test images, expected a file packed with --test-images or --test-list");
    }
    const ImageSize size = options.size;
    DataSource source;
    source.train = packed_set(file.train, file.header, size);
    source.test = packed_set(file.test, file.header, size);
    source.augment = options.augment.value_or(Augment::crop_flip);
    return source;
}

DataSource load_in_memory(const std::string& spec, std::uint64_t seed, const DataOptions& options) {
    DataSource source = spec.starts_with("synthetic:") ? make_synthetic_source(spec, seed) : load_directory(spec);
    source.augment = options.augment.value_or(Augment::none);
    source.test.normalization = source.train.normalization;
    return source;
}

}  // namespace

DataSource load_data(const std::string& spec, std::uint64_t seed, const DataOptions& options) {
    DataSource source = is_packed_file(spec) ? load_packed(spec, options) : load_in_memory(spec, seed, options);
    source.threads = options.threads;
    return source;
}

}  // namespace dfp16
