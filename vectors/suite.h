// A suite: the list of its cases as recipes. A case is made from its recipe and the seed alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/case_random.h"

namespace dfp16 {

inline constexpr int kLevelMax = 3;
/// Where the numbers of data begin of cases that kernels with planted bugs asked for (docs/vectors.md).
inline constexpr std::uint32_t kMutantNumbers = 3'000'000;

class Suite {
public:
    /// Gives everything of a case but its outputs.
    using Recipe = std::function<Case(const CaseRandom& random)>;

    Suite(std::string name, SuiteId id) : name_(std::move(name)), id_(id) {}
    /// A case with data of its own. Gives their number.
    std::uint32_t add(Recipe recipe);
    /// A case that draws the same words as the data of that number.
    void add_with_data_of(std::uint32_t number, Recipe recipe);
    /// A case that came in later than those behind it: its data have a number of their own choice, beyond all that are
    /// counted, and the numbers of the others stay as they were.
    void insert(std::uint32_t number, Recipe recipe);
    /// The number that the next case's data get.
    std::uint32_t next_number() const { return next_; }

    const std::string& name() const { return name_; }
    std::size_t size() const { return entries_.size(); }
    /// Case `number` without its outputs.
    Case make(std::size_t number, std::uint64_t seed) const;

private:
    struct Entry {
        Recipe recipe;
        std::uint32_t data;
    };
    std::string name_;
    SuiteId id_;
    std::vector<Entry> entries_;
    std::uint32_t next_ = 0;
};

// Each level's suite begins with the cases of the level below.
Suite instructions_suite(int level);
Suite dfp_suite(int level);
Suite gemm_suite(int level);
Suite conv_suite(int level);
Suite pool_suite(int level);
Suite lrn_suite(int level);
Suite dropout_suite(int level);
Suite concat_suite(int level);
Suite batch_norm_suite(int level);
Suite softmax_suite(int level);
Suite sgd_suite(int level);
Suite steps_suite(int level);

/// "instructions", "dfp", "gemm", "conv", "pool", "lrn", "dropout", "concat", "batch_norm", "softmax", "sgd",
/// "steps".
std::vector<std::string> suite_names();
/// Throws InputError for a name that is none of these, and for a level outside 1 .. kLevelMax.
Suite make_suite(const std::string& name, int level);

}  // namespace dfp16
