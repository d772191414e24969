// vectors/corpus/: golden files of every suite that are kept. Whatever changes, the bits in them do not.
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/wait.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>

#include "fastpath/backend.h"
#include "fastpath/isa.h"
#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/generate.h"
#include "vectors/names.h"
#include "vectors/params_json.h"
#include "vectors/verify.h"

namespace dfp16 {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(DFP16_SOURCE_DIR) / "vectors/corpus";

// What the files were written with: others compress to other bytes.
constexpr const char* kHdf5 = "1.10.8";
constexpr const char* kZlib = "1.2.13";

std::string path_of(const std::string& suite) {
    return (kCorpus / (suite + ".h5")).string();
}

/// The status of a shell command.
int shell(const std::string& command) {
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string hdf5_version() {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    H5get_libversion(&major, &minor, &release);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

void generate_again(const std::string& suite, const std::string& path) {
    const FileHeader header = GoldenReader(path_of(suite)).header();
    const auto golden = make_golden_backend(1);
    generate_file(path, {header.suite, header.level, header.seed, header.generator, {}, header.shard}, *golden);
}

void expect_equal(const std::vector<HostTensor>& stored, const std::vector<HostTensor>& made) {
    ASSERT_EQ(stored.size(), made.size());
    for (std::size_t i = 0; i < stored.size(); ++i) EXPECT_FALSE(compare(stored[i], made[i])) << "tensor " << i;
}

class Corpus : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Suites, Corpus, testing::ValuesIn(suite_names()),
                         [](const auto& suite) { return suite.param; });

TEST(CorpusFiles, AreThoseOfTheManifest) {
    std::set<std::string> expected = {"SHA256SUMS"};
    for (const std::string& suite : suite_names()) expected.insert(suite + ".h5");
    std::set<std::string> found;
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(kCorpus)) {
        found.insert(entry.path().filename().string());
        bytes += entry.file_size();
    }
    EXPECT_EQ(found, expected) << "tools/make-corpus.sh writes them";
    EXPECT_LE(bytes, 4u << 20);
    const std::string sums = test::bytes_of((kCorpus / "SHA256SUMS").string());
    EXPECT_EQ(static_cast<std::size_t>(std::count(sums.begin(), sums.end(), '\n')), expected.size() - 1);
    if (shell("sha256sum --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "sha256sum is not installed";
    EXPECT_EQ(shell("cd '" + kCorpus.string() + "' && sha256sum --check --strict --quiet SHA256SUMS"), 0);
}

/// The digest of each case is checked on the way.
TEST_P(Corpus, HoldsWhatTheSuiteMakesToday) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("again.h5");
    generate_again(GetParam(), path);
    const GoldenReader stored(path_of(GetParam()));
    const GoldenReader made(path);
    EXPECT_EQ(stored.header().suite, GetParam());
    ASSERT_EQ(stored.cases(), made.cases()) << "tools/make-corpus.sh writes the files of changed suites";
    ASSERT_GT(stored.cases(), 0);
    for (std::int64_t i = 0; i < stored.cases(); ++i) {
        const Case a = stored.read(i);
        const Case b = made.read(i);
        SCOPED_TRACE(case_group_name(i) + " " + a.name);
        EXPECT_EQ(a.name, b.name);
        EXPECT_EQ(a.op, b.op);
        EXPECT_EQ(stored.entry(i).params, made.entry(i).params);
        expect_equal(a.inputs, b.inputs);
        expect_equal(a.outputs, b.outputs);
    }
}

TEST_P(Corpus, HasTheSameBytesWithTheSameLibraries) {
    if (hdf5_version() != kHdf5 || zlibVersion() != std::string(kZlib)) {
        GTEST_SKIP() << "HDF5 " << hdf5_version() << " and zlib " << zlibVersion() << ", the files are of " << kHdf5
                     << " and " << kZlib;
    }
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("again.h5");
    generate_again(GetParam(), path);
    EXPECT_EQ(test::bytes_of(path), test::bytes_of(path_of(GetParam())));
}

TEST_P(Corpus, IsWhatGoldenAndEveryIsaCompute) {
    std::vector<std::unique_ptr<Backend>> owners;
    std::vector<Backend*> kernels;
    for (const fast::Isa isa : fast::supported_isas()) {
        owners.push_back(fast::make_backend(isa, 1));
        kernels.push_back(owners.back().get());
    }
    const auto golden = make_golden_backend(1);
    const VerifyReport report = verify_file(path_of(GetParam()), *golden, kernels, {});
    EXPECT_EQ(report.backends.size(), kernels.size() + 1);
    for (const BackendResult& result : report.backends) EXPECT_GT(result.cases, 0) << result.isa;
    for (const Mismatch& mismatch : report.mismatches) ADD_FAILURE() << text_of(mismatch);
}

/// The words of a case that make a class of their own: its operation, policy, rounding, masking, size rounding.
std::set<std::string> classes_of(const CaseHeader& header) {
    std::set<std::string> classes = {name_of(header.op)};
    const auto note = [&](const char* what) { classes.insert(std::string(name_of(header.op)) + " " + what); };
    const auto note_rounding = [&](const RoundingParams& p) { note(name_of(p.rounding)); };
    if (const auto* p = std::get_if<InstructionParams>(&header.params)) note(name_of(p->masking));
    if (const auto* p = std::get_if<RoundingParams>(&header.params)) note_rounding(*p);
    if (const auto* p = std::get_if<AddParams>(&header.params)) note_rounding(p->rounding);
    if (const auto* p = std::get_if<ConcatParams>(&header.params)) note_rounding(p->rounding);
    if (const auto* p = std::get_if<GemmParams>(&header.params)) note(name_of(p->accumulation.policy));
    if (const auto* p = std::get_if<ConvParams>(&header.params)) note(name_of(p->accumulation.policy));
    if (const auto* p = std::get_if<PoolParams>(&header.params)) {
        note_rounding(p->rounding);
        note(name_of(p->size));
    }
    return classes;
}

TEST_P(Corpus, HasEveryClassOfTheSuite) {
    if (GetParam() == "steps") return;  // operations of the other suites, on other data
    const Suite suite = make_suite(GetParam(), 1);
    std::set<std::string> expected;
    for (std::size_t i = 0; i < suite.size(); ++i) expected.merge(classes_of(suite.make(i, 1)));
    const GoldenReader reader(path_of(GetParam()));
    std::set<std::string> found;
    for (std::int64_t i = 0; i < reader.cases(); ++i) found.merge(classes_of(reader.entry(i).header));
    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace dfp16
