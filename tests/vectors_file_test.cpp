// Golden files: round trip, equal bytes, whole or not at all.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/generate.h"
#include "vectors/params_json.h"
#include "vectors/tensor_data.h"

namespace dfp16 {
namespace {

using test::TemporaryDirectory;

void expect_equal(const Case& a, const Case& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.op, b.op);
    EXPECT_EQ(params_to_json(a), params_to_json(b));
    EXPECT_EQ(graph_of(a).operations[0].params, graph_of(b).operations[0].params);
    ASSERT_EQ(a.inputs.size(), b.inputs.size());
    ASSERT_EQ(a.outputs.size(), b.outputs.size());
    for (std::size_t i = 0; i < a.inputs.size(); ++i) EXPECT_FALSE(compare(a.inputs[i], b.inputs[i]));
    for (std::size_t i = 0; i < a.outputs.size(); ++i) EXPECT_FALSE(compare(a.outputs[i], b.outputs[i]));
}

TEST(GoldenFile, RoundTripOfEverySuite) {
    const TemporaryDirectory directory;
    for (const std::string& suite : suite_names()) {
        std::vector<Case> cases;
        const std::size_t size = make_suite(suite, 1).size();
        for (std::size_t i = 0; i < size; i += 11) cases.push_back(test::case_of(suite, i));
        const std::string path = directory.file(suite);
        test::write_file(path, cases);
        const std::vector<Case> read = test::read_file(path);
        ASSERT_EQ(read.size(), cases.size());
        for (std::size_t i = 0; i < cases.size(); ++i) {
            SCOPED_TRACE(cases[i].name);
            expect_equal(read[i], cases[i]);
        }
    }
}

TEST(GoldenFile, KeepsTheHeader) {
    const TemporaryDirectory directory;
    const FileHeader header{kContractVersion, "conv", 3, 0xFFFF'FFFF'FFFF'FFFF, "dfp16 9.9"};
    test::write_file(directory.file("a"), {test::case_of("gemm", 0)}, header);
    const GoldenReader reader(directory.file("a"));
    EXPECT_EQ(reader.header().contract, header.contract);
    EXPECT_EQ(reader.header().suite, header.suite);
    EXPECT_EQ(reader.header().level, header.level);
    EXPECT_EQ(reader.header().seed, header.seed);
    EXPECT_EQ(reader.header().generator, header.generator);
    EXPECT_EQ(reader.header().shard, Shard{});
    EXPECT_EQ(reader.cases(), 1);
}

TEST(GoldenFile, ShardsTogetherAreTheSuite) {
    const TemporaryDirectory directory;
    const auto golden = make_golden_backend(1);
    const Suite suite = make_suite("lrn", 1);
    std::int64_t cases = 0;
    for (std::int64_t index = 1; index <= 3; ++index) {
        const std::string path = directory.file(std::to_string(index));
        const GenerateOptions options{"lrn", 1, 7, "test", {}, {index, 3}};
        cases += generate_file(path, options, *golden);
        const GoldenReader reader(path);
        EXPECT_EQ(reader.header().shard, options.shard);
        for (std::int64_t i = 0; i < reader.cases(); ++i) {
            EXPECT_EQ(reader.read(i).name, suite.make(static_cast<std::size_t>(3 * i + index - 1), 7).name);
        }
    }
    EXPECT_EQ(cases, static_cast<std::int64_t>(suite.size()));
    const GenerateOptions beyond{"lrn", 1, 7, "test", {}, {500, 501}};
    EXPECT_NE(test::error_of([&] { generate_file(directory.file("beyond"), beyond, *golden); }).find("is empty"),
              std::string::npos);
}

TEST(GoldenFile, LargeTensorsHaveSeveralChunks) {
    const TemporaryDirectory directory;
    Case large;
    large.op = OpKind::dequantize;
    large.name = "large";
    large.extent = Shape{3, 700, 501};
    large.inputs = {mantissa_tensor(Fill::uniform, large.extent, 0, {}, 0)};
    const auto golden = make_golden_backend(1);
    large.outputs = run(large, *golden);
    test::write_file(directory.file("a"), {large});
    expect_equal(test::read_file(directory.file("a"))[0], large);
}

TEST(GoldenFile, SameParametersGiveTheSameBytes) {
    const TemporaryDirectory directory;
    for (const std::string& suite : suite_names()) {
        for (const int threads : {1, 3}) {
            const auto golden = make_golden_backend(threads);
            const GenerateOptions options{suite, 1, 7, "test", {}};
            const auto cases = generate_file(directory.file(suite + std::to_string(threads)), options, *golden);
            EXPECT_EQ(cases, static_cast<std::int64_t>(make_suite(suite, 1).size()));
        }
        const std::string first = test::bytes_of(directory.file(suite + "1"));
        EXPECT_GT(first.size(), 100'000u);
        EXPECT_LT(first.size(), 5'000'000u);
        EXPECT_EQ(first, test::bytes_of(directory.file(suite + "3"))) << suite;
    }
}

TEST(GoldenFile, OtherSeedsGiveOtherBytes) {
    const TemporaryDirectory directory;
    const auto golden = make_golden_backend(1);
    generate_file(directory.file("1"), {"gemm", 1, 1, "test", {}}, *golden);
    generate_file(directory.file("2"), {"gemm", 1, 2, "test", {}}, *golden);
    EXPECT_NE(test::bytes_of(directory.file("1")), test::bytes_of(directory.file("2")));
}

/// Fails in the middle of generation.
class FailingBackend : public Backend {
public:
    explicit FailingBackend(int cases) : golden_(make_golden_backend(1)), left_(cases) {}
    std::string name() const override { return golden_->name(); }
    std::string isa() const override { return golden_->isa(); }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override {
        if (left_-- == 0) throw InputError("planted failure");
        return golden_->prepare(graph, options);
    }

private:
    std::unique_ptr<Backend> golden_;
    int left_;
};

TEST(GoldenFile, AFailureLeavesTheExistingFileAlone) {
    const TemporaryDirectory directory;
    test::write_bytes(directory.file("a"), "precious");
    FailingBackend backend(10);
    EXPECT_EQ(test::error_of([&] {
                  generate_file(directory.file("a"), {"gemm", 1, 1, "test", {}}, backend);
              }),
              "planted failure");
    EXPECT_EQ(test::bytes_of(directory.file("a")), "precious");
    EXPECT_EQ(directory.entries(), 1u) << "the temporary file is left";
}

/// Writing stops at the first write that fails, not at the end; the reason is the system's.
TEST(GoldenFile, AFullDiskIsToldWhileCasesAreAdded) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("a");
    test::write_bytes(path, "precious");
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit unlimited{};
    getrlimit(RLIMIT_FSIZE, &unlimited);
    rlimit limited = unlimited;
    limited.rlim_cur = 300'000;
    setrlimit(RLIMIT_FSIZE, &limited);
    Case large = test::case_of("dfp", 0);
    large.extent = Shape{60'000};
    large.inputs = {mantissa_tensor(Fill::uniform, large.extent, 0, {}, 0)};
    large.outputs = run(large, *make_golden_backend(1));
    int added = 0;
    const std::string message = test::error_of([&] {
        GoldenWriter writer(path, test::header_of());
        for (; added < 100; ++added) writer.add(large);
        writer.commit();
    });
    setrlimit(RLIMIT_FSIZE, &unlimited);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(message, "cannot write " + path + ": File too large");
    EXPECT_LT(added, 10);
    EXPECT_EQ(test::bytes_of(path), "precious");
    EXPECT_EQ(directory.entries(), 1u) << "the temporary file is left";
}

/// Cases are on the disk before the file is complete: a suite of any size needs the memory of one case.
TEST(GoldenFile, IsWrittenAsItGrows) {
    const TemporaryDirectory directory;
    Case large = test::case_of("dfp", 0);
    large.extent = Shape{100'000};
    large.inputs = {mantissa_tensor(Fill::uniform, large.extent, 0, {}, 0)};
    large.outputs = run(large, *make_golden_backend(1));
    GoldenWriter writer(directory.file("a"), test::header_of());
    for (int i = 1; i <= 8; ++i) {
        writer.add(large);
        const auto entry = *std::filesystem::directory_iterator(directory.path());
        EXPECT_GT(std::filesystem::file_size(entry), static_cast<std::uintmax_t>(i) * 200'000);
    }
    writer.commit();
    EXPECT_EQ(test::read_file(directory.file("a")).size(), 8u);
}

TEST(GoldenFile, SuccessReplacesTheExistingFileAndKeepsItsPermissions) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("a");
    test::write_bytes(path, "old");
    ASSERT_EQ(chmod(path.c_str(), 0640), 0);
    test::write_file(path, {test::case_of("gemm", 0)});
    EXPECT_EQ(test::read_file(path).size(), 1u);
    EXPECT_EQ(directory.entries(), 1u);
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(GoldenFile, ASymbolicLinkStaysOne) {
    const TemporaryDirectory directory;
    test::write_bytes(directory.file("a"), "old");
    std::filesystem::create_symlink("a", directory.file("link"));
    test::write_file(directory.file("link"), {test::case_of("gemm", 0)});
    EXPECT_TRUE(std::filesystem::is_symlink(directory.file("link")));
    EXPECT_EQ(test::read_file(directory.file("a")).size(), 1u);
}

TEST(GoldenFile, RefusesPlacesThatAreNotRegularFiles) {
    const TemporaryDirectory directory;
    EXPECT_EQ(test::error_of([&] { OutputFile(directory.path()); }),
              "cannot write " + directory.path() + ": not a regular file");
    EXPECT_EQ(test::error_of([] { OutputFile("/dev/full"); }), "cannot write /dev/full: not a regular file");
    EXPECT_EQ(test::error_of([&] { OutputFile(directory.file("no/such")); }),
              "cannot write " + directory.file("no/such") + ": No such file or directory");
}

TEST(GoldenFile, UncommittedOutputLeavesNothing) {
    const TemporaryDirectory directory;
    {
        OutputFile output(directory.file("a"));
        output.write("half", 4);
        EXPECT_EQ(directory.entries(), 1u);
    }
    EXPECT_EQ(directory.entries(), 0u);
}

}  // namespace
}  // namespace dfp16
