#include "tests/fuzz/case_input.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/philox.h"
#include "tests/fuzz/helpers.h"

namespace dfp16::fuzz {

namespace {

constexpr std::int64_t kMostElements = 1 << 12;
constexpr std::int64_t kMostProducts = 1 << 16;
constexpr double kMostPadded = 1 << 20;

float real_from(Choices& choices) {
    return choices.flag() ? std::bit_cast<float>(static_cast<std::uint32_t>(choices.word()))
                          : static_cast<float>(choices.byte()) / 256.0f;
}

/// Mostly small.
std::int64_t size_from(Choices& choices) {
    const std::uint8_t byte = choices.byte();
    return byte < 250 ? byte % 40 + 1 : byte == 255 ? static_cast<std::int64_t>(choices.word() >> 1) + 1 : byte;
}

RoundingParams rounding_from(Choices& choices) {
    return {static_cast<int>(choices.pick(0, kHeadroomMax)), static_cast<Rounding>(choices.pick(0, 2)),
            static_cast<std::uint32_t>(choices.word(3))};
}

Accumulation accumulation_from(Choices& choices) {
    Accumulation accumulation;
    accumulation.policy = static_cast<Policy>(choices.pick(0, 4));
    if (accumulation.policy == Policy::chain) accumulation.chain = size_from(choices);
    return accumulation;
}

ConvParams conv_from(Choices& choices) {
    ConvParams p;
    p.groups = choices.flag() ? 1 : choices.pick(1, 8);
    p.N = choices.pick(1, 3);
    p.C = p.groups * choices.pick(1, 20);
    p.K = p.groups * choices.pick(1, 20);
    for (std::int64_t* size : {&p.H, &p.W, &p.R, &p.S, &p.stride[0], &p.stride[1]}) *size = size_from(choices);
    for (std::int64_t& pad : p.pad) pad = choices.flag() ? 0 : size_from(choices) - 1;
    p.P = output_size(p.H, p.R, p.stride[0], p.pad[0]);
    p.Q = output_size(p.W, p.S, p.stride[1], p.pad[1]);
    p.accumulation = accumulation_from(choices);
    return p;
}

PoolParams pool_from(Choices& choices) {
    PoolParams p;
    p.N = choices.pick(1, 3);
    p.C = choices.pick(1, 40);
    for (std::int64_t* size : {&p.H, &p.W, &p.R, &p.S, &p.stride[0], &p.stride[1]}) *size = size_from(choices);
    for (std::int64_t& pad : p.pad) pad = choices.flag() ? 0 : size_from(choices) - 1;
    p.rounding = rounding_from(choices);
    p.size = static_cast<SizeRounding>(choices.pick(0, 1));
    p.P = pooled_size(p.H, p.R, p.stride[0], p.pad[0], p.size);
    p.Q = pooled_size(p.W, p.S, p.stride[1], p.pad[1], p.size);
    return p;
}

Shape shape_from(Choices& choices, std::size_t rank) {
    std::int64_t sizes[4] = {};
    for (std::size_t i = 0; i < rank; ++i) sizes[i] = size_from(choices);
    return {sizes, rank};
}

/// The parts of a concat, and the shape of the whole.
ConcatParams concat_from(Choices& choices, Shape& whole) {
    ConcatParams p;
    std::int64_t channels = 0;
    for (std::int64_t parts = choices.pick(1, 6); parts > 0; --parts) {
        p.channels.push_back(size_from(choices));
        channels += p.channels.back();
    }
    p.rounding = rounding_from(choices);
    whole = {choices.pick(1, 3), channels, choices.pick(1, 9), choices.pick(1, 9)};
    return p;
}

/// Throws InputError for sizes that cannot be.
CaseHeader header_from(Choices& choices) {
    CaseHeader header;
    header.name = "fuzz";
    header.op = static_cast<OpKind>(choices.pick(0, static_cast<int>(OpKind::sgd_update)));
    header.context = {choices.word(2), static_cast<std::uint32_t>(choices.word(1)), real_from(choices)};
    if (choices.flag()) header.element = ElementType::fp32;
    if (choices.flag()) header.y_element = ElementType::fp32;
    if (is_instruction(header.op)) {
        header.params = InstructionParams{128 << choices.pick(0, 2), static_cast<Masking>(choices.pick(0, 2))};
        header.extent = {choices.pick(1, 20)};
        return header;
    }
    if (has_shape(header.op)) header.extent = shape_from(choices, static_cast<std::size_t>(choices.pick(1, 4)));
    switch (header.op) {
        case OpKind::quantize:
        case OpKind::multiply:
        case OpKind::down_convert: header.params = rounding_from(choices); break;
        case OpKind::add: header.params = AddParams{rounding_from(choices), choices.flag()}; break;
        case OpKind::gemm:
            header.params =
                GemmParams{size_from(choices), size_from(choices), size_from(choices), accumulation_from(choices)};
            break;
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: header.params = conv_from(choices); break;
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient:
            header.params = FcParams{header.extent[0], header.extent.elements() / header.extent[0], size_from(choices),
                                     accumulation_from(choices)};
            break;
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: header.params = pool_from(choices); break;
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward:
            header.params = BatchNormParams{real_from(choices), real_from(choices)};
            break;
        case OpKind::lrn_forward:
        case OpKind::lrn_backward:
            header.params = LrnParams{2 * choices.pick(0, 20) + 1, real_from(choices), real_from(choices)};
            break;
        case OpKind::dropout_forward:
        case OpKind::dropout_backward:
            header.params = DropoutParams{real_from(choices), static_cast<std::uint32_t>(choices.word(3))};
            break;
        case OpKind::concat_forward:
        case OpKind::concat_backward: header.params = concat_from(choices, header.extent); break;
        case OpKind::softmax_backward: header.params = LossParams{real_from(choices)}; break;
        case OpKind::sgd_update: header.params = SgdParams{real_from(choices), real_from(choices)}; break;
        default: break;
    }
    return header;
}

/// Pairs that are multiplied, and elements of a window that are looked at.
std::int64_t products_of(const CaseHeader& header) {
    if (const auto* p = std::get_if<ConvParams>(&header.params)) {
        return p->N * p->K * p->P * p->Q * (p->C / p->groups) * p->R * p->S;
    }
    if (const auto* p = std::get_if<GemmParams>(&header.params)) return p->M * p->N * p->K;
    if (const auto* p = std::get_if<FcParams>(&header.params)) return p->N * p->C * p->K;
    if (const auto* p = std::get_if<PoolParams>(&header.params)) return p->N * p->C * p->P * p->Q * p->R * p->S;
    return 0;
}

/// Elements of the padded input, of which the fast path makes a copy. They may be more than 2^63.
double padded_elements_of(const CaseHeader& header) {
    const auto* p = std::get_if<ConvParams>(&header.params);
    if (p == nullptr) return 0.0;
    const auto rows = static_cast<double>(p->H + 2 * p->pad[0]);
    const auto columns = static_cast<double>(p->W + 2 * p->pad[1]);
    return static_cast<double>(p->C) * rows * columns;
}

bool is_small(const CaseHeader& header, const Operands& operands) {
    if (padded_elements_of(header) > kMostPadded) return false;
    std::int64_t elements = 0;
    for (const auto* list : {&operands.inputs, &operands.outputs}) {
        for (const Operand& operand : *list) {
            if (operand.shape.elements() > kMostElements) return false;
            elements += operand.shape.elements();
        }
    }
    return elements <= kMostElements && products_of(header) <= kMostProducts;
}

/// Words of a tensor: random, or the ends of a range among zeros, or the same one everywhere.
class Words {
public:
    Words(Choices& choices, std::uint32_t tensor)
        : kind_(choices.byte()), stream_{choices.word(2), 0, Purpose::golden_case, tensor}, same_(choices.word()) {}

    std::int16_t mantissa(std::int64_t i) const {
        constexpr std::int16_t ends[] = {32767, -32768, -32767, 0, 1, -1, 16384, -16384};
        if (kind_ % 3 == 1) return ends[word(i) % 8];
        return static_cast<std::int16_t>(kind_ % 3 == 0 ? word(i) : same_);
    }
    std::int32_t integer(std::int64_t i) const {
        constexpr std::int32_t ends[] = {2147483647, -2147483647 - 1, 0, -1};
        if (kind_ % 3 == 1) return ends[word(i) % 4];
        return static_cast<std::int32_t>(kind_ % 3 == 0 ? word(i) : same_);
    }
    float real(std::int64_t i) const {
        constexpr float kLargest = std::numeric_limits<float>::max();
        constexpr float ends[] = {0.0f, -0.0f, 1e-45f, -1e-38f, kLargest, -kLargest, 1.0f, -1.5f};
        switch (kind_ % 4) {
            case 0: return std::ldexp(static_cast<float>(mantissa_of(i)), -20);
            case 1: return ends[word(i) % 8];
            case 2: return std::bit_cast<float>(static_cast<std::uint32_t>(same_));
            default: return std::ldexp(static_cast<float>(mantissa_of(i)), static_cast<int>(word(i) % 200) - 120);
        }
    }
    std::int32_t label(std::int64_t i, std::int64_t classes) const {
        return kind_ == 255 ? integer(i) : static_cast<std::int32_t>(word(i) % classes);
    }

private:
    std::uint32_t word(std::int64_t i) const { return stream_.word(static_cast<std::uint64_t>(i)) >> 5; }
    std::int16_t mantissa_of(std::int64_t i) const { return static_cast<std::int16_t>(word(i) >> 4); }

    std::uint8_t kind_;
    RandomStream stream_;
    std::uint64_t same_;
};

HostTensor tensor_from(Choices& choices, const Operand& operand, std::uint32_t number, const CaseHeader& header) {
    HostTensor tensor(operand.type, operand.shape);
    if (operand.scaled) tensor.exponent = {static_cast<int>(choices.pick(-126, 113))};
    const Words words(choices, number);
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        switch (operand.type) {
            case ElementType::mantissa: tensor.mantissas()[at] = {words.mantissa(i)}; break;
            case ElementType::accumulator: tensor.accumulators()[at] = {words.integer(i)}; break;
            case ElementType::fp32: tensor.fp32()[at] = words.real(i); break;
            case ElementType::label: tensor.labels()[at] = {words.label(i, header.extent[1])}; break;
        }
    }
    return tensor;
}

}  // namespace

std::optional<Case> case_from(Choices& choices) {
    Case made;
    Operands operands;
    const bool sound = accepted([&] {
        static_cast<CaseHeader&>(made) = header_from(choices);
        operands = operands_of(made);
    });
    if (!sound || !is_small(made, operands)) return std::nullopt;
    for (const Operand& operand : operands.inputs) {
        made.inputs.push_back(tensor_from(choices, operand, static_cast<std::uint32_t>(made.inputs.size()), made));
    }
    return made;
}

}  // namespace dfp16::fuzz
