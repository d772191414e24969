#include "vectors/kernel/layouts.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <type_traits>

#include "vectors/kernel/dfp16_kernel.h"

namespace dfp16::kernel {

namespace {

constexpr std::int64_t kVnniBlock = 16;
constexpr std::int64_t kGap = 5;  // elements; odd, so that rows are aligned to nothing but their elements

using Sizes = std::array<std::int64_t, 4>;

Sizes sizes_of(const Shape& shape) {
    Sizes sizes{1, 1, 1, 1};
    for (std::size_t i = 0; i < shape.rank(); ++i) sizes[i] = shape[i];
    return sizes;
}

std::int64_t blocks_of(std::int64_t size, std::int64_t block) {
    return (size + block - 1) / block;
}

/// Channels of a block of NCHW16C, NCHW32C.
std::int64_t channel_block(std::int32_t layout) {
    return layout == DFP16_NCHW16C ? 16 : 32;
}

bool dense(const Form& form) {
    return form.layout == DFP16_PLAIN && !form.padded();
}

/// Calls visit(first logical index, first memory index, elements, memory step) for runs that cover the tensor.
template <typename Visit>
void plain_runs(const Form& form, Visit visit) {
    const std::size_t last = form.shape.rank() - 1;
    const std::int64_t row = form.shape[last];
    Sizes at{};
    for (std::int64_t index = 0; index < form.shape.elements(); index += row) {
        std::int64_t memory = 0;
        for (std::size_t i = 0; i < last; ++i) memory += at[i] * form.stride[i];
        visit(index, memory, row, std::int64_t{1});
        for (std::size_t i = last; i-- > 0;) {
            if (++at[i] < form.shape[i]) break;
            at[i] = 0;
        }
    }
}

template <typename Visit>
void blocked_runs(const Form& form, Visit visit) {
    const auto [N, C, H, W] = sizes_of(form.shape);
    const std::int64_t block = channel_block(form.layout);
    const std::int64_t blocks = blocks_of(C, block);
    for (std::int64_t n = 0; n < N; ++n) {
        for (std::int64_t c = 0; c < C; ++c) {
            const std::int64_t memory = (n * blocks + c / block) * H * W * block + c % block;
            visit((n * C + c) * H * W, memory, H * W, block);
        }
    }
}

template <typename Visit>
void vnni_runs(const Form& form, Visit visit) {
    const auto [K, C, R, S] = sizes_of(form.shape);
    const std::int64_t blocks = blocks_of(C, kVnniBlock);
    constexpr std::int64_t kTap = kVnniBlock * kVnniBlock;
    for (std::int64_t k = 0; k < K; ++k) {
        for (std::int64_t c = 0; c < C; ++c) {
            const std::int64_t block = (k / kVnniBlock * blocks + c / kVnniBlock) * R * S * kTap;
            const std::int64_t place = c % kVnniBlock / 2 * (2 * kVnniBlock) + k % kVnniBlock * 2 + c % 2;
            visit((k * C + c) * R * S, block + place, R * S, kTap);
        }
    }
}

template <typename Visit>
void for_runs(const Form& form, Visit visit) {
    switch (form.layout) {
        case DFP16_PLAIN: return plain_runs(form, visit);
        case DFP16_VNNI16: return vnni_runs(form, visit);
        default: return blocked_runs(form, visit);
    }
}

}  // namespace

std::int64_t Form::memory_elements() const {
    const auto [a, b, c, d] = sizes_of(shape);
    switch (layout) {
        case DFP16_PLAIN: {
            std::int64_t last = 0;
            for (std::size_t i = 0; i < shape.rank(); ++i) last += (shape[i] - 1) * stride[i];
            return last + 1;
        }
        case DFP16_VNNI16: return blocks_of(a, kVnniBlock) * blocks_of(b, kVnniBlock) * c * d * kVnniBlock * kVnniBlock;
        default: return a * blocks_of(b, channel_block(layout)) * channel_block(layout) * c * d;
    }
}

bool layout_fits(std::int32_t layout, std::size_t rank) {
    switch (layout) {
        case DFP16_PLAIN: return true;
        case DFP16_VNNI16: return rank == 2 || rank == 4;
        default: return rank >= 2;
    }
}

Form dense_form(std::int32_t layout, ElementType type, const Shape& shape) {
    Form form{layout, type, shape, {}};
    if (layout != DFP16_PLAIN) return form;
    std::int64_t stride = 1;
    for (std::size_t i = shape.rank(); i-- > 0;) {
        form.stride[i] = stride;
        stride *= shape[i];
    }
    return form;
}

Form strided_form(std::int32_t layout, ElementType type, const Shape& shape) {
    Form form = dense_form(layout, type, shape);
    if (layout != DFP16_PLAIN) return form;
    for (std::size_t i = shape.rank() - 1; i-- > 0;) form.stride[i] = form.stride[i + 1] * shape[i + 1] + kGap;
    return form;
}

void pack(const HostTensor& tensor, const Form& form, unsigned char gap, void* bytes) {
    std::visit(
        [&](const auto& elements) {
            using Element = typename std::decay_t<decltype(elements)>::value_type;
            if (dense(form)) {
                std::memcpy(bytes, elements.data(), form.bytes());
                return;
            }
            if (form.padded()) std::memset(bytes, form.layout == DFP16_PLAIN ? gap : 0, form.bytes());
            auto* memory = static_cast<Element*>(bytes);
            const Element* logical = elements.data();
            for_runs(form, [&](std::int64_t index, std::int64_t place, std::int64_t count, std::int64_t step) {
                for (std::int64_t i = 0; i < count; ++i) memory[place + i * step] = logical[index + i];
            });
        },
        tensor.data);
}

void unpack(const void* bytes, const Form& form, HostTensor& tensor) {
    std::visit(
        [&](auto& elements) {
            using Element = typename std::decay_t<decltype(elements)>::value_type;
            if (dense(form)) {
                std::memcpy(elements.data(), bytes, form.bytes());
                return;
            }
            const auto* memory = static_cast<const Element*>(bytes);
            Element* logical = elements.data();
            for_runs(form, [&](std::int64_t index, std::int64_t place, std::int64_t count, std::int64_t step) {
                for (std::int64_t i = 0; i < count; ++i) logical[index + i] = memory[place + i * step];
            });
        },
        tensor.data);
}

namespace {

Sizes plain_coordinates(const Form& form, std::int64_t memory_index) {
    Sizes at{};
    for (std::size_t i = 0; i < form.shape.rank(); ++i) {
        at[i] = memory_index / form.stride[i];
        memory_index %= form.stride[i];
    }
    return at;
}

}  // namespace

std::array<std::int64_t, 4> coordinates(const Form& form, std::int64_t memory_index) {
    if (form.layout == DFP16_PLAIN) return plain_coordinates(form, memory_index);
    const Sizes sizes = sizes_of(form.shape);
    std::int64_t rest = memory_index;
    const auto take = [&rest](std::int64_t size) {
        const std::int64_t digit = rest % size;
        rest /= size;
        return digit;
    };
    const bool vnni = form.layout == DFP16_VNNI16;
    const std::int64_t block = vnni ? kVnniBlock : channel_block(form.layout);
    std::int64_t inner_k = 0;
    std::int64_t inner_c = take(vnni ? 2 : block);
    if (vnni) {
        inner_k = take(kVnniBlock);
        inner_c += 2 * take(kVnniBlock / 2);
    }
    const std::int64_t w = take(sizes[3]);
    const std::int64_t h = take(sizes[2]);
    const std::int64_t outer_c = take(blocks_of(sizes[1], block));
    return {vnni ? rest * kVnniBlock + inner_k : rest, outer_c * block + inner_c, h, w};
}

bool within_shape(const Form& form, std::int64_t memory_index) {
    const Sizes at = coordinates(form, memory_index);
    const Sizes sizes = sizes_of(form.shape);
    return std::equal(at.begin(), at.end(), sizes.begin(), std::less<>());
}

}  // namespace dfp16::kernel
