#include "vectors/suite.h"

#include "sim/types/error.h"

namespace dfp16 {

std::uint32_t Suite::add(Recipe recipe) {
    const auto number = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({std::move(recipe), number});
    return number;
}

void Suite::add_with_data_of(std::uint32_t number, Recipe recipe) {
    entries_.push_back({std::move(recipe), number});
}

Case Suite::make(std::size_t number, std::uint64_t seed) const {
    const Entry& entry = entries_.at(number);
    return entry.recipe(CaseRandom{seed, id_, entry.data});
}

Suite make_suite(const std::string& name, int level) {
    if (level < 1 || level > kLevelMax) {
        throw InputError("level " + std::to_string(level) + ", expected 1 to " + std::to_string(kLevelMax));
    }
    if (name == "instructions") return instructions_suite(level);
    if (name == "dfp") return dfp_suite(level);
    if (name == "gemm") return gemm_suite(level);
    if (name == "conv") return conv_suite(level);
    throw InputError("unknown suite '" + name + "', known: instructions, dfp, gemm, conv");
}

}  // namespace dfp16
