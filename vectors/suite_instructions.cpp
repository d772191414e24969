#include <algorithm>
#include <cstdint>
#include <limits>

#include "vectors/names.h"
#include "vectors/suite.h"
#include "vectors/tensor_data.h"

namespace dfp16 {

namespace {

enum Stream : std::uint32_t { stream_a, stream_b, stream_c, stream_k, stream_edge };

bool has_four_steps(OpKind op) {
    return op == OpKind::vp4dpwssd || op == OpKind::vp4dpwssds;
}

/// Sum of the products that lane `lane` of vector `vector` has added after `steps` steps.
std::int64_t products(const Case& made, std::size_t vector, std::size_t lane, std::size_t steps) {
    const auto& a = made.inputs[0];
    const auto& b = made.inputs[1];
    const bool four = has_four_steps(made.op);
    const auto a_width = static_cast<std::size_t>(a.shape[1]);
    const auto b_width = static_cast<std::size_t>(b.shape[1]);
    std::int64_t sum = 0;
    for (std::size_t step = 0; step < steps; ++step) {
        for (std::size_t i = 0; i < 2; ++i) {
            const std::size_t a_at = vector * a_width + step * (a_width / (four ? 4 : 1)) + 2 * lane + i;
            const std::size_t b_at = vector * b_width + (four ? 2 * step : 2 * lane) + i;
            sum += std::int64_t{a.mantissas()[a_at].value} * b.mantissas()[b_at].value;
        }
    }
    return sum;
}

/// c such that some step arrives within one of an end of INT32.
HostTensor edge_accumulators(const Case& made, const Shape& shape, const CaseRandom& random) {
    using Limits = std::numeric_limits<std::int32_t>;
    HostTensor c(ElementType::accumulator, shape);
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        const auto index = static_cast<std::uint64_t>(i);
        const std::int64_t steps = has_four_steps(made.op) ? random.uniform(stream_edge, 2 * index, 1, 4) : 1;
        const std::int64_t sum = products(made, static_cast<std::size_t>(i / shape[1]),
                                          static_cast<std::size_t>(i % shape[1]), static_cast<std::size_t>(steps));
        const std::int64_t edge = sum >= 0 ? Limits::max() : Limits::min();
        const std::int64_t value = edge - sum + random.uniform(stream_edge, 2 * index + 1, -1, 1);
        c.accumulators()[static_cast<std::size_t>(i)].value =
            static_cast<std::int32_t>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
    }
    return c;
}

/// None, all, then any of the 16 bits of a mask register.
HostTensor masks(const Shape& shape, const CaseRandom& random) {
    HostTensor k(ElementType::accumulator, shape);
    for (std::size_t i = 0; i < k.accumulators().size(); ++i) {
        const std::uint32_t bits = i == 0 ? 0 : i == 1 ? 0xFFFF : random.word(stream_k, i) & 0xFFFF;
        k.accumulators()[i].value = static_cast<std::int32_t>(bits);
    }
    return k;
}

struct Class {
    Fill fill;
    bool edge;  ///< c near the ends of INT32
};

Case make(OpKind op, const InstructionParams& params, std::int64_t count, const Class& values,
          const CaseRandom& random) {
    Case made;
    made.op = op;
    made.params = params;
    made.extent = Shape{count};
    made.name = std::string(name_of(op)) + "/" + std::to_string(params.width) + "/mask-" + name_of(params.masking) +
                "/" + name_of(values.fill) + (values.edge ? "-edge" : "");
    for (const Operand& operand : operands_of(made).inputs) {
        if (operand.name == "c" && values.edge) {
            made.inputs.push_back(edge_accumulators(made, operand.shape, random));
        } else if (operand.name == "c") {
            made.inputs.push_back(accumulator_tensor(values.fill, operand.shape, random, stream_c));
        } else if (operand.name == "k") {
            made.inputs.push_back(masks(operand.shape, random));
        } else {
            made.inputs.push_back(
                mantissa_tensor(values.fill, operand.shape, 0, random, operand.name == "a" ? stream_a : stream_b));
        }
    }
    return made;
}

constexpr Class kClasses[] = {{Fill::uniform, false},       {Fill::lowest, true},     {Fill::walking_ones, false},
                              {Fill::walking_zeros, false}, {Fill::uniform, true},    {Fill::extremes, false},
                              {Fill::lowest, false},        {Fill::two_powers, true}, {Fill::patterns, false},
                              {Fill::extremes, true},       {Fill::two_powers, false}};

/// All classes unmasked, four of them, in turn, with each mask.
void add(Suite& suite, OpKind op, int width, std::int64_t count) {
    const std::size_t classes = std::size(kClasses);
    std::size_t next = suite.size();
    for (const Masking masking : {Masking::none, Masking::merge, Masking::zero}) {
        const std::size_t wanted = masking == Masking::none ? classes : 4;
        for (std::size_t i = 0; i < wanted; ++i) {
            const Class& values = kClasses[next++ % classes];
            suite.add([=](const CaseRandom& random) { return make(op, {width, masking}, count, values, random); });
        }
    }
}

void add_all(Suite& suite, std::int64_t count) {
    for (const OpKind op : {OpKind::vpmaddwd, OpKind::vpdpwssd, OpKind::vpdpwssds}) {
        for (const int width : {128, 256, 512}) add(suite, op, width, count);
    }
    for (const OpKind op : {OpKind::vp4dpwssd, OpKind::vp4dpwssds}) add(suite, op, 512, count);
}

}  // namespace

Suite instructions_suite(int level) {
    Suite suite("instructions", SuiteId::instructions);
    constexpr std::int64_t kCounts[kLevelMax] = {32, 512, 4096};
    for (int i = 0; i < level; ++i) add_all(suite, kCounts[i]);
    return suite;
}

}  // namespace dfp16
