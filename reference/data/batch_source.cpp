#include "reference/data/batch_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reference/data/packed_images.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kBatchesAhead = 3;

void shape_output(HostTensor& out, ElementType type, const Shape& shape) {
    if (out.type() != type || out.shape != shape) out = HostTensor(type, shape);
}

ImageView view_of(const Image& image) {
    return {image.pixels.data(), 3, image.height, image.width, 1, 3 * image.width, 3};
}

ImageView view_of(const Dataset& set, std::uint32_t sample) {
    const std::uint8_t* pixels = set.pixels.data() + sample * static_cast<std::size_t>(set.pixels_per_sample());
    return {pixels, set.channels, set.height, set.width, set.height * set.width, set.width, 1};
}

}  // namespace

BatchSource::BatchSource(const Dataset& dataset, const BatchOptions& options)
    : dataset_(dataset),
      options_(options),
      queue_(in_memory_as_is() ? 0 : options.threads, kBatchesAhead * options.batch) {
    for (const Normalization& channel : dataset.normalization) values_.push_back(normalized_values(channel));
}

void BatchSource::start(std::vector<std::uint32_t> order, std::uint32_t epoch, std::int64_t first) {
    for (const std::uint32_t sample : order) {
        if (sample >= dataset_.count) {
            throw InputError(fmt::format("sample {} of a data set, expected 0 to {}", sample, dataset_.count - 1));
        }
    }
    queue_.start({}, 0);  // nothing is under way while the order changes
    order_ = std::move(order);
    epoch_ = epoch;
    next_ = std::min(order_.size(), static_cast<std::size_t>(first * options_.batch));
    if (in_memory_as_is()) return;
    queue_.start(
        [this, start = next_](std::int64_t i) { return make_image(order_[start + static_cast<std::size_t>(i)]); },
        static_cast<std::int64_t>(order_.size() - next_));
}

BatchSource::Pixels BatchSource::make_image(std::uint32_t sample) const {
    const ImageSize target{dataset_.height, dataset_.width};
    const auto see = [&](const ImageView& image, const Sight& plain) {
        const Sight sight =
            augmented(options_.augment, plain, {image.height, image.width}, target, options_.seed, epoch_, sample);
        Pixels pixels(static_cast<std::size_t>(dataset_.pixels_per_sample()));
        resize(image, sight, pixels.data());
        return pixels;
    };
    if (!dataset_.packed) return see(view_of(dataset_, sample), whole_sight(target));
    const Image image = dataset_.packed->decode(sample);
    return see(view_of(image), centre_sight({image.height, image.width}, target));
}

void BatchSource::write_image(const std::uint8_t* pixels, float* out) const {
    const auto plane = static_cast<std::size_t>(dataset_.height * dataset_.width);
    for (const std::array<float, 256>& values : values_) {
        for (std::size_t i = 0; i < plane; ++i) *out++ = values[*pixels++];
    }
}

void BatchSource::next(Batch& batch) {
    const std::size_t count = std::min(order_.size() - next_, static_cast<std::size_t>(options_.batch));
    const auto n = static_cast<std::int64_t>(count);
    const auto size = static_cast<std::size_t>(dataset_.pixels_per_sample());
    shape_output(batch.images, ElementType::fp32, {n, dataset_.channels, dataset_.height, dataset_.width});
    shape_output(batch.labels, ElementType::label, {n});
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t sample = order_[next_++];
        float* out = batch.images.fp32().data() + i * size;
        if (in_memory_as_is()) {
            write_image(dataset_.pixels.data() + sample * size, out);
        } else {
            write_image(queue_.next().data(), out);
        }
        batch.labels.labels()[i] = dataset_.labels[sample];
    }
}

}  // namespace dfp16
