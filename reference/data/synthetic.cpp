#include "reference/data/synthetic.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 32;
constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;
constexpr std::int64_t kCell = 4;
constexpr std::uint32_t kSignalTensor = 2;

/// Takes numbers and the separators between them from the front of a text.
class SpecParser {
public:
    SpecParser(const std::string& spec, std::string_view prefix) : spec_(spec), rest_(spec) {
        if (!rest_.starts_with(prefix)) fail();
        rest_.remove_prefix(prefix.size());
    }

    std::int64_t number(const char* what) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error == std::errc::result_out_of_range) {
            throw InputError(fmt::format("data '{}': {} does not fit 64 bits", spec_, what));
        }
        if (error != std::errc{}) fail();
        if (value < 1) throw InputError(fmt::format("data '{}': {} is {}, expected at least 1", spec_, what, value));
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    void separator(char separator) {
        if (!rest_.starts_with(separator)) fail();
        rest_.remove_prefix(1);
    }

    bool at_end() const { return rest_.empty(); }

    [[noreturn]] void fail() const {
        throw InputError(
            fmt::format("data '{}', expected synthetic:CxHxW:CLASSES or synthetic:CxHxW:CLASSES:COUNT", spec_));
    }

private:
    const std::string& spec_;
    std::string_view rest_;
};

void check_size(const std::string& text, const SyntheticSpec& spec) {
    std::int64_t product = 1;
    for (const std::int64_t size : {spec.channels, spec.height, spec.width, spec.count}) {
        if (size > kMaxPixels / product) throw InputError(fmt::format("data '{}': more than 2^32 pixels", text));
        product *= size;
    }
    if (spec.classes > kMaxClasses) throw InputError(fmt::format("data '{}': more than 2^24 classes", text));
}

/// The squares of one class, as bytes.
void draw_cells(const RandomStream& stream, std::int64_t label, std::vector<std::uint8_t>& cells) {
    const auto first = static_cast<std::uint64_t>(label) * cells.size();
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = static_cast<std::uint8_t>(stream.word(first + i) >> 24);
}

}  // namespace

SyntheticSpec synthetic_spec_of(const std::string& text) {
    SpecParser parser(text, "synthetic:");
    SyntheticSpec spec;
    spec.channels = parser.number("C");
    parser.separator('x');
    spec.height = parser.number("H");
    parser.separator('x');
    spec.width = parser.number("W");
    parser.separator(':');
    spec.classes = parser.number("CLASSES");
    if (!parser.at_end()) {
        parser.separator(':');
        spec.count = parser.number("COUNT");
    }
    if (!parser.at_end()) parser.fail();
    check_size(text, spec);
    return spec;
}

Dataset make_synthetic(const SyntheticSpec& spec, SyntheticSet which, std::int64_t count, std::uint64_t seed) {
    const auto tensor = static_cast<std::uint32_t>(which);
    const RandomStream labels{seed, 0, Purpose::synthetic_label, tensor};
    const RandomStream signal{seed, 0, Purpose::synthetic_image, kSignalTensor};
    const RandomStream noise{seed, 0, Purpose::synthetic_image, tensor};
    const std::int64_t cells_high = (spec.height + kCell - 1) / kCell;
    const std::int64_t cells_wide = (spec.width + kCell - 1) / kCell;
    std::vector<std::uint8_t> cells(static_cast<std::size_t>(spec.channels * cells_high * cells_wide));

    Dataset set;
    set.count = count;
    set.channels = spec.channels;
    set.height = spec.height;
    set.width = spec.width;
    set.classes = spec.classes;
    set.pixels.reserve(static_cast<std::size_t>(count * set.pixels_per_sample()));
    set.labels.reserve(static_cast<std::size_t>(count));
    for (std::int64_t n = 0; n < count; ++n) {
        const auto label = static_cast<std::int64_t>(labels.word(static_cast<std::uint64_t>(n))) % spec.classes;
        set.labels.push_back(Label{static_cast<std::int32_t>(label)});
        draw_cells(signal, label, cells);
        for (std::int64_t row = 0; row < spec.channels * spec.height; ++row) {
            const std::int64_t cell_row = row / spec.height * cells_high + row % spec.height / kCell;
            for (std::int64_t w = 0; w < spec.width; ++w) {
                const unsigned drawn = noise.word(set.pixels.size()) >> 24;
                const unsigned cell = cells[static_cast<std::size_t>(cell_row * cells_wide + w / kCell)];
                set.pixels.push_back(static_cast<std::uint8_t>((cell + drawn) / 2));
            }
        }
    }
    set.normalization = normalization_of(set);
    return set;
}

}  // namespace dfp16
