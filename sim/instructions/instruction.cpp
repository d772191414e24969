#include "sim/instructions/instruction.h"

#include <array>
#include <cstddef>
#include <string>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

void check_size(const Instruction& instruction, const char* operand, std::size_t size, std::size_t expected) {
    if (size == expected) return;
    throw InputError(std::string(instruction.name) + ": operand " + operand + " has " + std::to_string(size) +
                     " elements, expected " + std::to_string(expected));
}

void check_width(const Instruction& instruction, int width) {
    const bool any_width = instruction.steps == 1;
    if (width == 512 || (any_width && (width == 128 || width == 256))) return;
    throw InputError(std::string(instruction.name) + ": no form of " + std::to_string(width) + " bits, expected " +
                     (any_width ? "128, 256 or 512" : "512"));
}

/// The pairs of lane `lane` in turn: a from register `step`, b from the same lane, or from pair `step` of the 128 bits
/// that all lanes share.
Accumulator run_lane(const Instruction& instruction, std::size_t lanes, std::size_t lane, Accumulator c,
                     std::span<const Mantissa> a, std::span<const Mantissa> b) {
    if (instruction.steps == 1) return instruction.lane(c, a.subspan(lane * 2, 2), b.subspan(lane * 2, 2));
    std::array<Mantissa, 8> pairs;
    for (std::size_t step = 0; step < 4; ++step) {
        pairs[2 * step] = a[(step * lanes + lane) * 2];
        pairs[2 * step + 1] = a[(step * lanes + lane) * 2 + 1];
    }
    return instruction.lane(c, pairs, b);
}

}  // namespace

void execute(const Instruction& instruction, int width, Masking masking, std::span<const Mantissa> a,
             std::span<const Mantissa> b, std::span<const Accumulator> c, std::span<const Accumulator> k,
             std::span<Accumulator> d) {
    check_width(instruction, width);
    const auto lanes = static_cast<std::size_t>(width / 32);
    const std::size_t count = d.size() / lanes;
    const std::size_t a_size = lanes * 2 * static_cast<std::size_t>(instruction.steps);
    const std::size_t b_size = instruction.steps == 1 ? lanes * 2 : 8;
    check_size(instruction, "d", d.size(), count * lanes);
    check_size(instruction, "a", a.size(), count * a_size);
    check_size(instruction, "b", b.size(), count * b_size);
    if (!c.empty() || masking == Masking::merge || instruction.reads_c)
        check_size(instruction, "c", c.size(), d.size());
    check_size(instruction, "k", k.size(), masking == Masking::none ? 0 : count);

    for (std::size_t i = 0; i < d.size(); ++i) {
        const std::size_t vector = i / lanes;
        const std::size_t lane = i % lanes;
        const Accumulator old = c.empty() ? Accumulator{0} : c[i];
        if (masking != Masking::none && (k[vector].value >> lane & 1) == 0) {
            d[i] = masking == Masking::merge ? old : Accumulator{0};
        } else {
            d[i] = run_lane(instruction, lanes, lane, old, a.subspan(vector * a_size, a_size),
                            b.subspan(vector * b_size, b_size));
        }
    }
}

}  // namespace dfp16
