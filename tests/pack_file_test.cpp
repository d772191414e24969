// Packed JPEG sets: decoding, resizing, augmentation, batches ahead of their use, damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "reference/data/batch_source.h"
#include "reference/data/data_source.h"
#include "reference/data/pack.h"
#include "reference/data/packed_images.h"
#include "reference/data/packed_writer.h"
#include "reference/data/shuffle.h"
#include "tests/pack_helpers.h"
#include "tests/vectors_helpers.h"

namespace dfp16::test {
namespace {

std::string message_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no InputError";
}

TEST(Jpeg, GrayBecomesThreeEqualChannels) {
    const Image image = decode_jpeg(flat_jpeg(9, 5, {77}));
    EXPECT_EQ(image.width, 9);
    EXPECT_EQ(image.height, 5);
    EXPECT_EQ(image.pixels, Bytes(9 * 5 * 3, 77));
}

TEST(Jpeg, AdobeCmykBecomesRgb) {
    const Image image = decode_jpeg(flat_jpeg(8, 8, {200, 100, 50, 128}));
    EXPECT_EQ(Bytes(image.pixels.begin(), image.pixels.begin() + 3), (Bytes{100, 50, 25}));  // ink * black / 255
}

TEST(Jpeg, EveryTruncationIsAnError) {
    const Bytes whole = encode_jpeg(image_of(33, 17, 1), 80);
    EXPECT_EQ(decode_jpeg(whole).pixels.size(), 33u * 17 * 3);
    for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
        EXPECT_NE(message_of([&] { decode_jpeg(std::span(whole).first(size)); }), "no InputError") << size;
    }
    EXPECT_EQ(message_of([] { decode_jpeg({}); }), "no bytes, expected a JPEG");
    const Bytes png = {0x89, 'P', 'N', 'G'};
    EXPECT_EQ(message_of([&] { decode_jpeg(png); }), "Not a JPEG file: starts with 0x89 0x50");
    Bytes more = whole;
    more.push_back(0);  // what follows the end changes nothing
    EXPECT_EQ(decode_jpeg(more).pixels, decode_jpeg(whole).pixels);
}

/// The definition of docs/data.md, sum by sum.
std::uint8_t weighted(const std::vector<std::uint8_t>& line, std::int64_t to, std::int64_t i) {
    const auto from = static_cast<std::int64_t>(line.size());
    const auto weight = [&](std::int64_t j) {
        return std::max<std::int64_t>(0, 2 * std::max(from, to) - std::abs((2 * j + 1) * to - (2 * i + 1) * from));
    };
    std::int64_t all = 0;
    for (std::int64_t j = 0; j < from; ++j) all += weight(j);
    std::int64_t sum = 0;
    for (std::int64_t j = 0; j < from; ++j) {
        const std::int64_t c = ((weight(j) << 21) + all) / (2 * all);
        sum += c * line[static_cast<std::size_t>(j)];
    }
    return static_cast<std::uint8_t>(std::min<std::int64_t>(255, (sum + (1 << 19)) >> 20));
}

TEST(Resize, FollowsItsDefinition) {
    const Image image = image_of(37, 23, 3);
    const ImageView view{image.pixels.data(), 3, 23, 37, 1, 37 * 3, 3};
    for (const auto& [height, width] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{7, 5}, {23, 37}, {40, 90}, {1, 1}}) {
        const Rectangle source{2, 3, 19, 31};
        for (const bool mirrored : {false, true}) {
            Bytes out(static_cast<std::size_t>(3 * height * width));
            resize(view, {source, height, width, {0, 0, height, width}, mirrored}, out.data());
            for (std::int64_t c = 0; c < 3; ++c) {
                std::vector<Bytes> columns;  // [x][y], after the horizontal pass
                for (std::int64_t x = 0; x < width; ++x) {
                    columns.emplace_back();
                    for (std::int64_t y = 0; y < source.height; ++y) {
                        Bytes line;
                        for (std::int64_t s = 0; s < source.width; ++s) {
                            line.push_back(image.pixels[static_cast<std::size_t>(((2 + y) * 37 + 3 + s) * 3 + c)]);
                        }
                        columns.back().push_back(weighted(line, width, mirrored ? width - 1 - x : x));
                    }
                }
                for (std::int64_t y = 0; y < height; ++y) {
                    for (std::int64_t x = 0; x < width; ++x) {
                        ASSERT_EQ(out[static_cast<std::size_t>((c * height + y) * width + x)],
                                  weighted(columns[static_cast<std::size_t>(x)], height, y))
                            << height << "x" << width << " at " << c << "," << y << "," << x;
                    }
                }
            }
            // A window is a part of the whole.
            const Rectangle window{height / 3, width / 4, height - height / 3, width - width / 4};
            Bytes part(static_cast<std::size_t>(3 * window.height * window.width));
            resize(view, {source, height, width, window, false}, part.data());
            if (mirrored) continue;
            for (std::int64_t i = 0; i < 3 * window.height * window.width; ++i) {
                const std::int64_t c = i / (window.height * window.width);
                const std::int64_t y = window.top + i / window.width % window.height;
                const std::int64_t x = window.left + i % window.width;
                ASSERT_EQ(part[static_cast<std::size_t>(i)],
                          out[static_cast<std::size_t>((c * height + y) * width + x)]);
            }
        }
    }
}

TEST(Resize, KeepsFlatImagesAndEqualSizes) {
    const Bytes flat(900 * 700, 255);
    Bytes out(64);
    resize({flat.data(), 1, 700, 900, 0, 900, 1}, {{0, 0, 700, 900}, 8, 8, {0, 0, 8, 8}, false}, out.data());
    EXPECT_EQ(out, Bytes(64, 255));
    const Bytes low(900 * 700, 1);
    resize({low.data(), 1, 700, 900, 0, 900, 1}, {{0, 0, 700, 900}, 8, 8, {0, 0, 8, 8}, false}, out.data());
    EXPECT_EQ(out, Bytes(64, 1));
}

TEST(Augment, TestImagesShowTheirMiddle) {
    // 500x375 to 341x256, of which 224x224.
    EXPECT_EQ(centre_sight({375, 500}, {224, 224}), (Sight{{0, 0, 375, 500}, 256, 341, {16, 58, 224, 224}, false}));
    EXPECT_EQ(centre_sight({500, 375}, {224, 224}), (Sight{{0, 0, 500, 375}, 341, 256, {58, 16, 224, 224}, false}));
    EXPECT_EQ(centre_sight({256, 256}, {224, 224}).window, (Rectangle{16, 16, 224, 224}));
}

TEST(Augment, PartsHaveTheAreasAndAspectsOfTheDefinition) {
    const ImageSize image{300, 400};
    const ImageSize target{224, 224};
    double area = 0;
    int mirrored = 0;
    int upright = 0;
    constexpr int kSamples = 2000;
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
        const Sight sight = augmented(Augment::crop_flip, centre_sight(image, target), image, target, 5, 2, sample);
        const Rectangle& part = sight.source;
        ASSERT_GE(part.top, 0);
        ASSERT_GE(part.left, 0);
        ASSERT_LE(part.top + part.height, 300);
        ASSERT_LE(part.left + part.width, 400);
        const double aspect = static_cast<double>(part.width) / static_cast<double>(part.height);
        ASSERT_GT(aspect, 0.74);
        ASSERT_LT(aspect, 1.35);
        const double share = static_cast<double>(part.width * part.height) / (300.0 * 400.0);
        ASSERT_GT(share, 0.078);
        area += share;
        mirrored += sight.mirrored;
        upright += part.height > part.width;
        EXPECT_EQ(sight.height, 224);
        EXPECT_EQ(sight, augmented(Augment::crop_flip, centre_sight(image, target), image, target, 5, 2, sample));
    }
    EXPECT_NEAR(area / kSamples, 0.433, 0.02);  // as torchvision.transforms.RandomResizedCrop draws them
    EXPECT_NEAR(mirrored, kSamples / 2, 120);
    EXPECT_NEAR(upright, 0.415 * kSamples, 70);
    const Sight one = augmented(Augment::crop_flip, {}, image, target, 5, 2, 7);
    EXPECT_FALSE(one == augmented(Augment::crop_flip, {}, image, target, 5, 3, 7));
    EXPECT_FALSE(one == augmented(Augment::crop_flip, {}, image, target, 6, 2, 7));
    EXPECT_FALSE(one == augmented(Augment::crop_flip, {}, image, target, 5, 2, 8));
    // No part fits a strip: its middle is taken.
    EXPECT_EQ(augmented(Augment::crop_flip, {}, {10, 1000}, target, 5, 2, 7).source, (Rectangle{0, 493, 10, 13}));
}

/// A packed file of 12 training and 6 test images.
class Packed : public testing::Test {
protected:
    void SetUp() override {
        write_folder(file("train"), 4);
        write_folder(file("test"), 2, 100);
        result_ = pack({});
    }
    std::string file(const std::string& name) const { return directory_.file(name); }
    PackResult pack(PackOptions options, const std::string& name = "set.h5") const {
        options.output = file(name);
        const ImageList train = list_directory(file("train"), {});
        return pack_images(train, list_directory(file("test"), train.classes), options, {});
    }
    DataSource load(int threads = 2, std::optional<Augment> augment = {}) const {
        return load_data(file("set.h5"), 1, {.size = ImageSize{32, 24}, .augment = augment, .threads = threads});
    }
    /// The images of an epoch by sample number.
    static std::vector<std::vector<float>> images_of(const DataSource& data, std::int64_t batch, std::uint32_t epoch,
                                                     std::int64_t first = 0) {
        BatchSource batches(data.train, {.augment = data.augment, .seed = 3, .batch = batch, .threads = data.threads});
        const std::vector<std::uint32_t> order = shuffled(data.train.count, static_cast<std::uint64_t>(batch), epoch);
        batches.start(order, epoch, first);
        std::vector<std::vector<float>> images(order.size());
        Batch now;
        for (auto next = static_cast<std::size_t>(first * batch); next < order.size();) {
            batches.next(now);
            const std::size_t size = now.images.fp32().size() / now.labels.labels().size();
            for (std::size_t i = 0; i < now.labels.labels().size(); ++i, ++next) {
                const auto begin = now.images.fp32().begin() + static_cast<std::ptrdiff_t>(i * size);
                images[order[next]].assign(begin, begin + static_cast<std::ptrdiff_t>(size));
                EXPECT_EQ(now.labels.labels()[i], data.train.labels[order[next]]);
            }
        }
        return images;
    }

    TemporaryDirectory directory_;
    PackResult result_;
};

TEST_F(Packed, HoldsTheFilesInOrder) {
    EXPECT_EQ(result_.header.classes, (std::vector<std::string>{"ant", "bee", "cat"}));
    EXPECT_EQ(result_.train_images, 12);
    EXPECT_EQ(result_.test_images, 6);
    const PackedFile packed = open_packed(file("set.h5"), 2);
    const ImageIndex& index = packed.train->index();
    EXPECT_EQ(index.labels, (std::vector<std::int32_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
    const std::vector<std::string> names = split_names(index.names);
    EXPECT_EQ(names[0], "ant/4.JPEG");
    EXPECT_EQ(names[11], "cat/3.JPEG");
    for (std::uint32_t n = 0; n < 12; ++n) {
        const std::string stored = bytes_of(file("train/" + names[n]));
        EXPECT_EQ(packed.train->bytes_of(n), Bytes(stored.begin(), stored.end()));
        EXPECT_EQ(packed.train->decode(n).width, index.widths[n]);
        EXPECT_EQ(packed.train->decode(n).height, index.heights[n]);
    }
}

TEST_F(Packed, MeanAndDeviationAreThoseOfAllTrainingPixels) {
    const PackedFile packed = open_packed(file("set.h5"), 1);
    for (std::size_t c = 0; c < 3; ++c) {
        double n = 0;
        double sum = 0;
        double squares = 0;
        for (std::uint32_t sample = 0; sample < 12; ++sample) {
            const Image image = packed.train->decode(sample);
            for (std::size_t i = c; i < image.pixels.size(); i += 3) {
                const double p = image.pixels[i] / 255.0;
                n += 1;
                sum += p;
                squares += p * p;
            }
        }
        EXPECT_NEAR(packed.header.normalization[c].mean, sum / n, 1e-6);
        EXPECT_NEAR(packed.header.normalization[c].deviation, std::sqrt(squares / n - sum / n * sum / n), 1e-6);
    }
}

TEST_F(Packed, ImagesDoNotDependOnThreadsBatchOrPlace) {
    const auto expected = images_of(load(0), 1, 5);
    for (const int threads : {1, 2, 3}) {
        for (const std::int64_t batch : {2, 5, 12}) EXPECT_EQ(images_of(load(threads), batch, 5), expected);
    }
    EXPECT_NE(images_of(load(), 2, 6), expected);
    // From the middle of an epoch: what comes is what would have come.
    const auto rest = images_of(load(), 4, 5, 2);
    int seen = 0;
    for (std::size_t n = 0; n < rest.size(); ++n) {
        if (rest[n].empty()) continue;
        EXPECT_EQ(rest[n], expected[n]);
        ++seen;
    }
    EXPECT_EQ(seen, 4);
}

TEST_F(Packed, AugmentNoneIsTheMiddleOfTheImage) {
    const DataSource data = load(1, Augment::none);
    EXPECT_EQ(data.train.channels, 3);
    EXPECT_EQ(data.train.classes, 3);
    const auto images = images_of(data, 3, 0);
    EXPECT_EQ(images, images_of(data, 12, 9));
    const PackedFile packed = open_packed(file("set.h5"), 1);
    const Image image = packed.train->decode(6);
    Bytes pixels(3 * 32 * 24);
    resize({image.pixels.data(), 3, image.height, image.width, 1, 3 * image.width, 3},
           centre_sight({image.height, image.width}, {32, 24}), pixels.data());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const Normalization& channel = packed.header.normalization[i / (32 * 24)];
        ASSERT_EQ(images[6][i], (static_cast<float>(pixels[i]) / 255.0f - channel.mean) / channel.deviation);
    }
}

TEST_F(Packed, FlipMirrorsAboutHalf) {
    const auto plain = images_of(load(1, Augment::none), 3, 0);
    const auto flipped = images_of(load(1, Augment::flip), 3, 0);
    int mirrored = 0;
    for (std::size_t n = 0; n < plain.size(); ++n) {
        if (flipped[n] == plain[n]) continue;
        ++mirrored;
        for (std::size_t i = 0; i < plain[n].size(); ++i) ASSERT_EQ(flipped[n][i], plain[n][i / 24 * 24 + 23 - i % 24]);
    }
    EXPECT_GT(mirrored, 1);
    EXPECT_LT(mirrored, 11);
}

TEST_F(Packed, SetsInMemoryAreAugmentedTheSameWay) {
    const DataSource data = load_data("synthetic:2x9x7:3:10", 4, {.augment = Augment::crop_flip, .threads = 3});
    const auto images = images_of(data, 4, 2);
    EXPECT_EQ(images,
              images_of(load_data("synthetic:2x9x7:3:10", 4, {.augment = Augment::crop_flip, .threads = 0}), 10, 2));
    EXPECT_NE(images, images_of(load_data("synthetic:2x9x7:3:10", 4), 4, 2));
}

TEST_F(Packed, TheFileDoesNotDependOnThreads) {
    const std::string bytes = bytes_of(file("set.h5"));
    for (const int threads : {2, 3, 8}) {
        pack({.threads = threads}, "again.h5");
        EXPECT_EQ(bytes_of(file("again.h5")), bytes) << threads;
    }
}

TEST_F(Packed, ResizeShrinksLargerImagesOnly) {
    pack({.resize = 50}, "small.h5");
    const PackedFile before = open_packed(file("set.h5"), 1);
    const PackedFile after = open_packed(file("small.h5"), 1);
    int shrunk = 0;
    for (std::uint32_t n = 0; n < 12; ++n) {
        const std::uint32_t w = before.train->index().widths[n];
        const std::uint32_t h = before.train->index().heights[n];
        if (std::min(w, h) <= 50) {
            EXPECT_EQ(after.train->bytes_of(n), before.train->bytes_of(n));
            continue;
        }
        ++shrunk;
        EXPECT_EQ(std::min(after.train->index().widths[n], after.train->index().heights[n]), 50u);
        EXPECT_EQ(std::max(after.train->index().widths[n], after.train->index().heights[n]),
                  std::max(w, h) * 50 / std::min(w, h));
    }
    EXPECT_GT(shrunk, 2);
}

TEST_F(Packed, EveryDamagedByteThatMattersIsNoticed) {
    const std::string whole = bytes_of(file("set.h5"));
    const std::string damaged = file("damaged.h5");
    int noticed = 0;
    int tried = 0;
    for (std::size_t place = 0; place < whole.size(); place += 101) {
        std::string bytes = whole;
        bytes[place] = static_cast<char>(bytes[place] ^ 0x20);
        std::ofstream(damaged, std::ios::binary) << bytes;
        const std::string message = message_of([&] { open_packed(damaged, 1); });
        ++tried;
        if (message != "no InputError") {
            EXPECT_EQ(message.rfind(damaged, 0) == 0, true) << message;
            ++noticed;
        }
    }
    EXPECT_GT(noticed, tried * 8 / 10) << tried;  // the rest: unused bytes of HDF5's blocks
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 50) {
        std::ofstream(damaged, std::ios::binary) << whole.substr(0, size);
        EXPECT_NE(message_of([&] { open_packed(damaged, 1); }), "no InputError") << size;
    }
}

TEST_F(Packed, ABadImageReachesTheCallerByName) {
    // Sound by its digest, yet no JPEG: as if another decoder had packed it.
    PackedWriter writer(file("bad.h5"));
    for (const char* set : {"train", "test"}) {
        writer.begin(set, 100);
        writer.add({encode_jpeg(image_of(20, 20, 1), 90), 20, 20, 0, "a/good.JPEG"});
        writer.add({{1, 2, 3}, 20, 20, 0, "a/bad.JPEG"});
    }
    writer.commit({{"a"}, {{0.5f, 0.5f}, {0.5f, 0.5f}, {0.5f, 0.5f}}});
    for (const int threads : {0, 1, 3}) {
        const DataSource data = load_data(file("bad.h5"), 1, {.size = ImageSize{8, 8}});
        BatchSource batches(data.train, {.batch = 1, .threads = threads});
        batches.start({0, 1}, 0);
        Batch batch;
        batches.next(batch);
        EXPECT_EQ(message_of([&] { batches.next(batch); }),
                  file("bad.h5") + ": train image 1 (a/bad.JPEG): Not a JPEG file: starts with 0x01 0x02");
    }
}

TEST_F(Packed, ManyBatchesAheadAndAnEarlyEnd) {
    const DataSource data = load(3);
    BatchSource batches(data.train, {.augment = Augment::crop_flip, .batch = 2, .threads = 3});
    Batch batch;
    for (std::uint32_t epoch = 0; epoch < 20; ++epoch) {  // left in the middle each time
        batches.start(shuffled(12, 1, epoch), epoch);
        batches.next(batch);
    }
}

}  // namespace
}  // namespace dfp16::test
