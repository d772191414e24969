#include "vectors/suite.h"

#include "sim/types/error.h"

namespace dfp16 {

namespace {

struct KnownSuite {
    const char* name;
    Suite (*make)(int level);
};

constexpr KnownSuite kSuites[] = {
    {"instructions", instructions_suite},
    {"dfp", dfp_suite},
    {"gemm", gemm_suite},
    {"conv", conv_suite},
    {"pool", pool_suite},
    {"lrn", lrn_suite},
    {"dropout", dropout_suite},
    {"concat", concat_suite},
    {"batch_norm", batch_norm_suite},
    {"softmax", softmax_suite},
    {"sgd", sgd_suite},
    {"steps", steps_suite},
};

}  // namespace

std::uint32_t Suite::add(Recipe recipe) {
    add_with_data_of(next_, std::move(recipe));
    return next_ - 1;
}

void Suite::add_with_data_of(std::uint32_t number, Recipe recipe) {
    insert(number, std::move(recipe));
    ++next_;
}

void Suite::insert(std::uint32_t number, Recipe recipe) {
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
    std::string known;
    for (const KnownSuite& suite : kSuites) {
        if (name == suite.name) return suite.make(level);
        known += std::string(known.empty() ? "" : ", ") + suite.name;
    }
    throw InputError("unknown suite '" + name + "', known: " + known);
}

std::vector<std::string> suite_names() {
    std::vector<std::string> names;
    for (const KnownSuite& suite : kSuites) names.emplace_back(suite.name);
    return names;
}

}  // namespace dfp16
