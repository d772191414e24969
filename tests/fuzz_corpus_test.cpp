// Every stored input of every fuzz target (tests/fuzz/corpus/NAME/): found by fuzzing, kept as a test.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/fuzz/targets.h"
#include "tests/vectors_helpers.h"

namespace dfp16 {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(DFP16_SOURCE_DIR) / "tests/fuzz/corpus";

struct NamedTarget {
    const char* name;
    fuzz::Target run;
};

#define DFP16_NAMED_TARGET(name) {#name, fuzz::name},
const NamedTarget kTargets[] = {DFP16_FUZZ_TARGETS(DFP16_NAMED_TARGET)};
#undef DFP16_NAMED_TARGET

class FuzzCorpus : public testing::TestWithParam<NamedTarget> {};

TEST_P(FuzzCorpus, EveryInputIsAnswered) {
    std::size_t inputs = 0;
    for (const auto& entry : fs::directory_iterator(kCorpus / GetParam().name)) {
        const std::string bytes = test::bytes_of(entry.path().string());
        EXPECT_NO_THROW(GetParam().run({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}))
            << entry.path();
        ++inputs;
    }
    EXPECT_GT(inputs, 0u);
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(FuzzCorpora, AreThoseOfTheTargets) {
    std::set<std::string> expected;
    for (const NamedTarget& target : kTargets) expected.insert(target.name);
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(kCorpus)) found.insert(entry.path().filename().string());
    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace dfp16
