#include "reference/data/augment.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/exp.h"
#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::uint64_t kWordsPerSample = 64;
constexpr std::uint64_t kAttempts = 10;
constexpr float kLogOfFourThirds = 0x1.269622p-2f;  // RN32(ln(4/3))

/// The words of one sample in one epoch.
struct Words {
    RandomStream stream;
    std::uint64_t first;

    std::uint32_t operator[](std::uint64_t i) const { return stream.word(first + i); }
    /// A number in [0, count).
    std::int64_t below(std::uint64_t i, std::int64_t count) const {
        return static_cast<std::int64_t>(std::uint64_t{(*this)[i]} * static_cast<std::uint64_t>(count) >> 32);
    }
};

std::int64_t nearest(double value) {
    return static_cast<std::int64_t>(std::floor(value + 0.5));
}

/// One attempt at a part of 8 to 100 % of the area with an aspect of 3/4 to 4/3; nothing if it does not fit.
std::optional<Rectangle> random_part(const ImageSize& image, const Words& words, std::uint64_t attempt) {
    const std::uint64_t first = 1 + 4 * attempt;
    const double share = 0.08 + 0.92 * (static_cast<double>(words[first]) / 4294967296.0);
    const double area = static_cast<double>(image.height * image.width) * share;
    const std::uint32_t word = words[first + 1];
    const float u = static_cast<float>(word >> 8) / 16777216.0f;
    const auto aspect = static_cast<double>(contract_exp(-(u * kLogOfFourThirds)));  // shorter by longer side
    const std::int64_t shorter = nearest(std::sqrt(area * aspect));
    const std::int64_t longer = nearest(std::sqrt(area / aspect));
    const bool upright = word % 2 == 1;
    Rectangle part{.top = 0, .left = 0, .height = upright ? longer : shorter, .width = upright ? shorter : longer};
    if (part.height < 1 || part.width < 1 || part.height > image.height || part.width > image.width) return {};
    part.top = words.below(first + 2, image.height - part.height + 1);
    part.left = words.below(first + 3, image.width - part.width + 1);
    return part;
}

/// The largest middle part with an aspect of 3/4 to 4/3.
Rectangle middle_part(const ImageSize& image) {
    Rectangle part{.top = 0, .left = 0, .height = image.height, .width = image.width};
    part.height = std::min(part.height, (8 * image.width + 3) / 6);
    part.width = std::min(part.width, (8 * image.height + 3) / 6);
    part.top = (image.height - part.height) / 2;
    part.left = (image.width - part.width) / 2;
    return part;
}

Sight sight_of(const Rectangle& part, const ImageSize& target) {
    return {part, target.height, target.width, {0, 0, target.height, target.width}, false};
}

}  // namespace

Augment augment_of(const std::string& name) {
    for (const Augment augment : {Augment::none, Augment::flip, Augment::crop_flip}) {
        if (name == name_of(augment)) return augment;
    }
    throw InputError("--augment '" + name + "', expected none, flip or crop-flip");
}

const char* name_of(Augment augment) {
    switch (augment) {
        case Augment::none: return "none";
        case Augment::flip: return "flip";
        case Augment::crop_flip: return "crop-flip";
    }
    return "?";
}

Sight whole_sight(const ImageSize& image) {
    return sight_of({0, 0, image.height, image.width}, image);
}

Sight centre_sight(const ImageSize& image, const ImageSize& target) {
    const std::int64_t high = (16 * target.height + 7) / 14;  // 256/224 of it, rounded
    const std::int64_t wide = (16 * target.width + 7) / 14;
    Sight sight{.source = {0, 0, image.height, image.width}, .height = high, .width = wide, .window = {}};
    if (high * image.width >= wide * image.height) {
        sight.width = image.width * high / image.height;
    } else {
        sight.height = image.height * wide / image.width;
    }
    sight.window = {(sight.height - target.height) / 2, (sight.width - target.width) / 2, target.height, target.width};
    return sight;
}

Sight augmented(Augment augment, const Sight& plain, const ImageSize& image, const ImageSize& target,
                std::uint64_t seed, std::uint32_t epoch, std::uint32_t sample) {
    if (augment == Augment::none) return plain;
    const Words words{{seed, epoch, Purpose::augment, 0}, sample * kWordsPerSample};
    Sight sight = plain;
    if (augment == Augment::crop_flip) {
        std::optional<Rectangle> part;
        for (std::uint64_t attempt = 0; attempt < kAttempts && !part; ++attempt) {
            part = random_part(image, words, attempt);
        }
        sight = sight_of(part.value_or(middle_part(image)), target);
    }
    sight.mirrored = words[0] >> 31 != 0;
    return sight;
}

}  // namespace dfp16
