// Data sets: IDX files and each way in which they can be damaged, synthetic images, normalization, epoch order.
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "reference/data/batch_source.h"
#include "reference/data/data_source.h"
#include "reference/data/idx.h"
#include "reference/data/shuffle.h"
#include "reference/data/synthetic.h"
#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes header(std::initializer_list<std::uint32_t> words) {
    Bytes bytes;
    for (const std::uint32_t word : words) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    }
    return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// 3 images of 2x4, pixels 0, 1, 2, ..., and labels 7, 0, 2.
Bytes images() {
    Bytes pixels(24);
    std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
    return header({0x803, 3, 2, 4}) + pixels;
}
Bytes labels() {
    return header({0x801, 3}) + Bytes{7, 0, 2};
}

Bytes compressed(const Bytes& bytes) {
    Bytes out(1000 + bytes.size() * 2);
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

template <typename Body>
std::string message_of(const Body& body) {
    try {
        body();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no InputError";
}

/// A directory of its own for each test.
class Idx : public testing::Test {
protected:
    void SetUp() override {
        directory_ =
            std::filesystem::path(testing::TempDir()) / ("dfp16_data_" + std::to_string(::getpid()) +
                                                         testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(directory_);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& name, const Bytes& bytes) const {
        std::ofstream(path(name), std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path(name);
    }
    std::string path(const std::string& name) const { return (directory_ / name).string(); }
    /// What load_idx says of these files, after the name of the file at fault ("images" or "labels").
    std::string load_error(const Bytes& image_bytes, const Bytes& label_bytes, std::int64_t classes = 0) const {
        write("images", image_bytes);
        write("labels", label_bytes);
        const std::string message = message_of([&] { load_idx(path("images"), path("labels"), classes); });
        EXPECT_EQ(message.find('\n'), std::string::npos);
        const std::string place = directory_.string() + "/";
        return message.starts_with(place) ? message.substr(place.size()) : message;
    }

    std::filesystem::path directory_;
};

TEST_F(Idx, GoodFilesPlainAndGzipped) {
    for (const bool gzip : {false, true}) {
        write("images", gzip ? compressed(images()) : images());
        write("labels", gzip ? compressed(labels()) : labels());
        const Dataset set = load_idx(path("images"), path("labels"));
        EXPECT_EQ(set.count, 3);
        EXPECT_EQ(set.channels, 1);
        EXPECT_EQ(set.height, 2);
        EXPECT_EQ(set.width, 4);
        EXPECT_EQ(set.classes, 10);
        ASSERT_EQ(set.pixels.size(), 24u);
        EXPECT_EQ(set.pixels[23], 23);
        EXPECT_EQ(set.labels, (std::vector<Label>{{7}, {0}, {2}}));
    }
}

TEST_F(Idx, LabelsShowMoreClasses) {
    write("images", images());
    write("labels", header({0x801, 3}) + Bytes{46, 0, 255});
    EXPECT_EQ(load_idx(path("images"), path("labels")).classes, 256);
    EXPECT_EQ(load_error(images(), header({0x801, 3}) + Bytes{4, 0, 12}, 10),
              "labels: label 12 of sample 2, expected 0 to 9");
}

TEST_F(Idx, MissingFile) {
    write("images", images());
    const std::string message = message_of([&] { load_idx(path("images"), path("labels")); });
    EXPECT_EQ(message, path("labels") + ": cannot be opened (No such file or directory), expected an IDX file");
    EXPECT_EQ(message_of([&] { load_idx(directory_.string(), path("labels")); }),
              directory_.string() + ": is a directory, expected an IDX file");
}

TEST_F(Idx, WrongMagic) {
    EXPECT_EQ(load_error(labels() + Bytes(20), labels()),
              "images: magic number 0x00000801, expected 0x00000803 (IDX images)");
    EXPECT_EQ(load_error(images(), images()), "labels: magic number 0x00000803, expected 0x00000801 (IDX labels)");
    EXPECT_EQ(load_error(Bytes{'P', 'N', 'G', '\n', 0}, labels()),
              "images: magic number 0x504e470a, expected 0x00000803 (IDX images)");
}

TEST_F(Idx, EndsInTheHeader) {
    EXPECT_EQ(load_error({}, labels()), "images: ends after 0 bytes, expected an IDX header of 16");
    EXPECT_EQ(load_error(header({0x803, 3, 2}), labels()), "images: ends after 12 bytes, expected an IDX header of 16");
    EXPECT_EQ(load_error(images(), header({0x801})), "labels: ends after 4 bytes, expected an IDX header of 8");
}

TEST_F(Idx, HeaderAndLengthDisagree) {
    Bytes shorter = images();
    shorter.pop_back();
    const Bytes longer = images() + Bytes{0};
    const std::string short_message = "images: holds 23 bytes of images, expected 24 by its header";
    const std::string long_message = "images: holds more than 24 bytes of images, expected 24 by its header";
    EXPECT_EQ(load_error(shorter, labels()), short_message);
    EXPECT_EQ(load_error(longer, labels()), long_message);
    EXPECT_EQ(load_error(compressed(shorter), labels()), short_message);
    EXPECT_EQ(load_error(compressed(longer), labels()), long_message);
    EXPECT_EQ(load_error(images(), labels() + Bytes{1}),
              "labels: holds more than 3 bytes of labels, expected 3 by its header");
    EXPECT_EQ(load_error(images(), header({0x801, 3})), "labels: holds 0 bytes of labels, expected 3 by its header");
}

TEST_F(Idx, EveryTruncationOfAGzipStreamIsAnError) {
    const Bytes whole = compressed(images());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string message =
            load_error(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)), labels());
        EXPECT_TRUE(message.starts_with("images: ")) << length << " " << message;
        if (length >= 20) {
            EXPECT_EQ(message, "images: truncated gzip stream, expected a whole one") << length;
        }
    }
}

TEST_F(Idx, EveryCorruptedByteOfAGzipStreamIsAnErrorOrHarmless) {
    const Bytes whole = compressed(images());
    write("images", whole);
    write("labels", labels());
    const Dataset sound = load_idx(path("images"), path("labels"));
    std::size_t errors = 0;
    // Bytes 3 to 9 are the gzip header's flags, time, level and system: some changes there change nothing that is
    // stored.
    for (std::size_t place = 10; place < whole.size(); ++place) {
        Bytes damaged = whole;
        damaged[place] ^= 0x10;
        const std::string message = load_error(damaged, labels());
        if (message == "no InputError") {  // unused bits at the end of the last block
            EXPECT_EQ(load_idx(path("images"), path("labels")).pixels, sound.pixels) << place;
        } else {
            EXPECT_TRUE(message.starts_with("images: ")) << place << " " << message;
            ++errors;
        }
    }
    EXPECT_GE(errors + 1, whole.size() - 10);
    Bytes checksum = whole;
    checksum[whole.size() - 8] ^= 1;
    EXPECT_EQ(load_error(checksum, labels()),
              "images: corrupted gzip stream (incorrect data check), expected a sound one");
}

TEST_F(Idx, CountsDiffer) {
    EXPECT_EQ(load_error(images(), header({0x801, 2}) + Bytes{1, 2}),
              "labels: 2 labels, expected 3, one for each image of " + path("images"));
}

TEST_F(Idx, ZeroAndAbsurdSizes) {
    EXPECT_EQ(load_error(header({0x803, 0, 2, 4}), labels()),
              "images: size 0 of the header is 0, expected at least 1 (images)");
    EXPECT_EQ(load_error(header({0x803, 3, 2, 0}), labels()),
              "images: size 2 of the header is 0, expected at least 1 (images)");
    EXPECT_EQ(load_error(images(), header({0x801, 0})),
              "labels: size 0 of the header is 0, expected at least 1 (labels)");
    EXPECT_EQ(load_error(header({0x803, 0xffffffff, 0xffffffff, 0xffffffff}) + Bytes(24), labels()),
              "images: sizes in the header give more than 2^40 bytes, beyond any data set");
    // 64 GiB by the header, 24 bytes in fact: said from what is there, without room for what is not.
    EXPECT_EQ(load_error(header({0x803, 0x10000, 1024, 1024}) + Bytes(24), labels()),
              "images: holds 24 bytes of images, expected 68719476736 by its header");
}

TEST_F(Idx, DirectoryOfFourFiles) {
    write("train-images-idx3-ubyte", images());
    write("train-labels-idx1-ubyte.gz", compressed(labels()));
    write("t10k-images-idx3-ubyte", header({0x803, 1, 2, 4}) + Bytes(8, 255));
    EXPECT_EQ(message_of([&] { load_data(directory_.string(), 1); }),
              path("t10k-labels-idx1-ubyte") + "[.gz]: no such file, expected a directory of IDX files");
    write("t10k-labels-idx1-ubyte", header({0x801, 1}) + Bytes{9});
    const DataSource source = load_data(directory_.string(), 1);
    EXPECT_EQ(source.train.count, 3);
    EXPECT_EQ(source.test.count, 1);
    EXPECT_EQ(source.test.normalization[0].mean, source.train.normalization[0].mean);
    EXPECT_EQ(source.test.normalization[0].deviation, source.train.normalization[0].deviation);

    write("t10k-labels-idx1-ubyte", header({0x801, 1}) + Bytes{10});
    EXPECT_EQ(message_of([&] { load_data(directory_.string(), 1); }),
              path("t10k-labels-idx1-ubyte") + ": label 10 of sample 0, expected 0 to 9");
    write("t10k-labels-idx1-ubyte", header({0x801, 1}) + Bytes{1});
    write("t10k-images-idx3-ubyte", header({0x803, 1, 4, 2}) + Bytes(8, 255));
    EXPECT_EQ(
        message_of([&] { load_data(directory_.string(), 1); }),
        path("t10k-images-idx3-ubyte") + ": images of 4x2, expected 2x4 as in " + path("train-images-idx3-ubyte"));
    EXPECT_EQ(message_of([&] { load_data(path("nowhere"), 1); }),
              "data '" + path("nowhere") +
                  "': no such file or directory, expected a packed file, a directory of IDX files, or "
                  "synthetic:CxHxW:CLASSES");
}

TEST(FashionMnist, WholeSet) {
    const std::string directory = "/usr/share/datasets/fashion-mnist";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << "package dataset-fashion-mnist is not installed";
    const DataSource source = load_data(directory, 1);
    EXPECT_EQ(source.train.count, 60000);
    EXPECT_EQ(source.test.count, 10000);
    for (const Dataset* set : {&source.train, &source.test}) {
        EXPECT_EQ(set->height, 28);
        EXPECT_EQ(set->width, 28);
        EXPECT_EQ(set->classes, 10);
        std::vector<std::int64_t> histogram(10);
        for (const Label label : set->labels) ++histogram[static_cast<std::size_t>(label.value)];
        EXPECT_EQ(histogram, std::vector<std::int64_t>(10, set->count / 10));
    }
    EXPECT_NEAR(source.train.normalization[0].mean, 0.2860, 5e-5);  // as the data set's users quote them
    EXPECT_NEAR(source.train.normalization[0].deviation, 0.3530, 5e-5);
    EXPECT_EQ(source.train.labels[0].value, 9);
}

TEST(Normalization, ExactSmallSet) {
    Dataset set;
    set.count = 2;
    set.channels = set.height = 1;
    set.width = 2;
    set.classes = 10;
    set.pixels = {0, 255, 255, 0};
    set.labels = {{3}, {4}};
    set.normalization = normalization_of(set);
    EXPECT_EQ(set.normalization[0].mean, 0.5f);
    EXPECT_EQ(set.normalization[0].deviation, 0.5f);
    BatchSource batches(set, {});
    batches.start({1, 0, 1}, 0);
    Batch batch;
    batches.next(batch);
    EXPECT_EQ(batch.images.shape, (Shape{3, 1, 1, 2}));
    EXPECT_EQ(batch.images.fp32(), (std::vector<float>{1, -1, -1, 1, 1, -1}));
    EXPECT_EQ(batch.labels.labels(), (std::vector<Label>{{4}, {3}, {4}}));
    EXPECT_EQ(message_of([&] { batches.start({2}, 0); }), "sample 2 of a data set, expected 0 to 1");
    set.pixels = {7, 7, 7, 7};
    EXPECT_EQ(normalization_of(set)[0].deviation, 1.0f);
}

TEST(Normalization, EveryPixelValue) {
    Dataset set;
    set.count = 1;
    set.channels = set.height = 1;
    set.width = 256;
    for (int p = 0; p < 256; ++p) set.pixels.push_back(static_cast<std::uint8_t>(p));
    set.normalization = {{0.25f, 0.3f}};
    set.labels = {{0}};
    BatchSource batches(set, {});
    batches.start({0}, 0);
    Batch batch;
    batches.next(batch);
    for (std::size_t p = 0; p < 256; ++p) {
        const float scaled = static_cast<float>(p) / 255.0f;
        const float centred = scaled - 0.25f;
        EXPECT_EQ(batch.images.fp32()[p], centred / 0.3f);
    }
}

TEST(Synthetic, FollowsItsDefinition) {
    const DataSource source = load_data("synthetic:3x5x9:7:50", 11);
    EXPECT_EQ(source.train.count, 50);
    EXPECT_EQ(source.test.count, 13);
    for (const std::uint32_t t : {0u, 1u}) {
        const Dataset& set = t == 0 ? source.train : source.test;
        EXPECT_EQ(set.classes, 7);
        const RandomStream label_words{11, 0, Purpose::synthetic_label, t};
        const RandomStream signal_words{11, 0, Purpose::synthetic_image, 2};
        const RandomStream noise_words{11, 0, Purpose::synthetic_image, t};
        for (std::uint64_t n = 0; n < static_cast<std::uint64_t>(set.count); ++n) {
            const std::uint64_t label = label_words.word(n) % 7;
            ASSERT_EQ(set.labels[n].value, static_cast<int>(label));
            for (std::uint64_t i = 0; i < 135; ++i) {
                const std::uint64_t cell = (i / 45 * 2 + i / 9 % 5 / 4) * 3 + i % 9 / 4;
                const std::uint32_t signal = signal_words.word(label * 18 + cell) >> 24;
                const std::uint32_t noise = noise_words.word(n * 135 + i) >> 24;
                ASSERT_EQ(set.pixels[n * 135 + i], (signal + noise) / 2) << n << " " << i;
            }
        }
    }
}

TEST(Synthetic, DependsOnTheSeedOnly) {
    const DataSource a = load_data("synthetic:1x8x8:10:100", 1);
    const DataSource b = load_data("synthetic:1x8x8:10:100", 1);
    const DataSource other = load_data("synthetic:1x8x8:10:100", 2);
    const DataSource longer = load_data("synthetic:1x8x8:10:101", 1);
    EXPECT_EQ(a.train.pixels, b.train.pixels);
    EXPECT_EQ(a.test.labels, b.test.labels);
    EXPECT_NE(a.train.pixels, other.train.pixels);
    EXPECT_NE(a.train.labels, other.train.labels);
    EXPECT_TRUE(std::equal(a.train.pixels.begin(), a.train.pixels.end(), longer.train.pixels.begin()));
    EXPECT_EQ(load_data("synthetic:1x4x4:2", 1).train.count, 4096);
    EXPECT_EQ(load_data("synthetic:1x4x4:2", 1).test.count, 1024);
}

TEST(Synthetic, NearestMeanOfTheTrainingSetTellsTestClasses) {
    const DataSource source = load_data("synthetic:1x12x12:10:1000", 3);
    std::vector<std::vector<double>> means(10, std::vector<double>(144));
    std::vector<double> counts(10);
    const auto label_of = [](const Dataset& set, std::size_t n) {
        return static_cast<std::size_t>(set.labels[n].value);
    };
    for (std::size_t n = 0; n < 1000; ++n) counts[label_of(source.train, n)] += 1;
    for (std::size_t i = 0; i < source.train.pixels.size(); ++i) {
        const std::size_t label = label_of(source.train, i / 144);
        means[label][i % 144] += source.train.pixels[i] / counts[label];
    }
    int right = 0;
    for (std::size_t n = 0; n < 250; ++n) {
        std::vector<double> distances;
        for (const auto& mean : means) {
            double distance = 0;
            for (std::size_t i = 0; i < 144; ++i) distance += std::pow(source.test.pixels[n * 144 + i] - mean[i], 2);
            distances.push_back(distance);
        }
        const auto nearest = std::min_element(distances.begin(), distances.end()) - distances.begin();
        right += static_cast<std::size_t>(nearest) == label_of(source.test, n);
    }
    EXPECT_GE(right, 245);
}

TEST(Synthetic, BadSpecs) {
    const auto error = [](const std::string& spec) {
        const std::string message = message_of([&] { load_data(spec, 1); });
        const std::string place = "data '" + spec + "'";
        return message.starts_with(place) ? message.substr(place.size()) : message;
    };
    const std::string form = ", expected synthetic:CxHxW:CLASSES or synthetic:CxHxW:CLASSES:COUNT";
    for (const char* spec :
         {"synthetic:", "synthetic:1x28:10", "synthetic:1x28x28", "synthetic:1x28x28:", "synthetic:ax28x28:10",
          "synthetic:1x28x28:10:", "synthetic:1x28x28:10:64:1", "synthetic:1x28x28:10 ", "synthetic: 1x28x28:10",
          "synthetic:1x28x28x1:10", "synthetic:1.5x28x28:10", "synthetic:+1x28x28:10", "synthetic:0x1cx28:10"}) {
        if (std::string(spec) == "synthetic:0x1cx28:10") {
            EXPECT_EQ(error(spec), ": C is 0, expected at least 1");
        } else {
            EXPECT_EQ(error(spec), form) << spec;
        }
    }
    EXPECT_EQ(error("synthetic:1x0x28:10"), ": H is 0, expected at least 1");
    EXPECT_EQ(error("synthetic:1x28x-28:10"), ": W is -28, expected at least 1");
    EXPECT_EQ(error("synthetic:1x28x28:0"), ": CLASSES is 0, expected at least 1");
    EXPECT_EQ(error("synthetic:1x28x28:10:-5"), ": COUNT is -5, expected at least 1");
    EXPECT_EQ(error("synthetic:99999999999999999999x1x1:10"), ": C does not fit 64 bits");
    EXPECT_EQ(error("synthetic:4294967296x4294967296x4294967296:10"), ": more than 2^32 pixels");
    EXPECT_EQ(error("synthetic:1x28x28:10:9223372036854775807"), ": more than 2^32 pixels");
    EXPECT_EQ(error("synthetic:1x28x28:16777217"), ": more than 2^24 classes");
}

TEST(Shuffle, IsTheSortedOrderOfItsWords) {
    const std::vector<std::uint32_t> order = shuffled(1000, 5, 3);
    std::vector<std::uint32_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::uint32_t n = 0; n < 1000; ++n) ASSERT_EQ(sorted[n], n);
    const RandomStream words{5, 3, Purpose::shuffle, 0};
    for (std::size_t i = 1; i < order.size(); ++i) EXPECT_LT(words.word(order[i - 1]), words.word(order[i]));
    EXPECT_EQ(order, shuffled(1000, 5, 3));
    EXPECT_NE(order, shuffled(1000, 5, 4));
    EXPECT_NE(order, shuffled(1000, 6, 3));
    EXPECT_TRUE(shuffled(0, 1, 0).empty());
    EXPECT_EQ(shuffled(1, 1, 0), std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace dfp16
