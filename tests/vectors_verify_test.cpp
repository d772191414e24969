// Verification finds and locates planted faults: in what is stored, in what a kernel reads, in what it gives.
#include <gtest/gtest.h>

#include "fastpath/backend.h"
#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/verify.h"

namespace dfp16 {
namespace {

using test::TemporaryDirectory;

/// Where a faulty kernel flips what.
struct Fault {
    enum class Place { input, output, exponent } place = Place::output;
    std::size_t tensor = 0;
    std::int64_t index = 0;
    int bit = 0;
};

/// Golden's plan with one bit of one tensor changed.
class FaultyPlan : public Plan {
public:
    FaultyPlan(std::unique_ptr<Plan> plan, const Fault& fault, TensorId output)
        : plan_(std::move(plan)), fault_(fault), output_(output) {}
    std::span<const Segment> segments() const override { return plan_->segments(); }
    void bind(TensorId id, const HostTensor& value) override {
        HostTensor changed = value;
        if (fault_.place == Fault::Place::input && id == fault_.tensor) changed.flip_bit(fault_.index, fault_.bit);
        plan_->bind(id, changed);
    }
    void run(std::size_t segment, const RunContext& context) override { plan_->run(segment, context); }
    bool readable(TensorId id) const override { return plan_->readable(id); }
    HostTensor read(TensorId id) const override {
        HostTensor value = plan_->read(id);
        if (id != output_) return value;
        if (fault_.place == Fault::Place::output) value.flip_bit(fault_.index, fault_.bit);
        if (fault_.place == Fault::Place::exponent) value.exponent.value ^= 1 << fault_.bit;
        return value;
    }

private:
    std::unique_ptr<Plan> plan_;
    Fault fault_;
    TensorId output_;
};

class FaultyKernel : public Backend {
public:
    explicit FaultyKernel(const Fault& fault) : golden_(make_golden_backend(1)), fault_(fault) {}
    std::string name() const override { return "fast"; }
    std::string isa() const override { return "faulty"; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override {
        return std::make_unique<FaultyPlan>(golden_->prepare(graph, options), fault_, graph.operations[0].outputs[0]);
    }

private:
    std::unique_ptr<Backend> golden_;
    Fault fault_;
};

class RejectingKernel : public Backend {
public:
    std::string name() const override { return "fast"; }
    std::string isa() const override { return "rejecting"; }
    std::unique_ptr<Plan> prepare(const Graph&, const PlanOptions&) override {
        throw InputError("no such operation here");
    }
};

/// A 2x3 convolution case with small, readable numbers; its file; a verification with one kernel.
class Verify : public testing::Test {
protected:
    static Case convolution(Policy policy) {
        Case made;
        made.op = OpKind::conv_forward;
        made.name = "planted";
        made.params = ConvParams{1, 2, 4, 5, 4, 3, 3, 2, 3, {1, 1}, {0, 0}, 1, {policy, 64}};
        for (const Operand& operand : operands_of(made).inputs) {
            made.inputs.emplace_back(operand.type, operand.shape);
            HostTensor& tensor = made.inputs.back();
            for (std::size_t i = 0; i < tensor.mantissas().size(); ++i) {
                tensor.mantissas()[i].value = static_cast<std::int16_t>(1000 + 17 * i);
            }
            tensor.exponent = {operand.name == "x" ? -3 : 5};
        }
        return with_outputs(std::move(made));
    }
    static Case with_outputs(Case made) {
        const auto golden = make_golden_backend(1);
        made.outputs = run(made, *golden);
        return made;
    }

    VerifyReport verify(Backend* kernel, const VerifyOptions& options = {}) {
        const auto golden = make_golden_backend(1);
        return verify_file(path_, *golden, kernel == nullptr ? std::vector<Backend*>{} : std::vector<Backend*>{kernel},
                           options);
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.h5");
};

TEST_F(Verify, GoodFileAndKernelsAgree) {
    test::write_file(path_, {convolution(Policy::exact), convolution(Policy::wrap)});
    const auto kernel = fast::make_backend(fast::Isa::portable, 2);
    const VerifyReport report = verify(kernel.get());
    EXPECT_TRUE(report.mismatches.empty());
    ASSERT_EQ(report.backends.size(), 2u);
    for (const BackendResult& result : report.backends) {
        EXPECT_EQ(result.cases, 2);
        EXPECT_EQ(result.elements, 2 * 24);
        EXPECT_EQ(result.bits_differ, 0);
    }
}

TEST_F(Verify, EveryBitOfAnOutputIsFoundAndLocated) {
    for (const Policy policy : {Policy::exact, Policy::wrap}) {
        test::write_file(path_, {convolution(Policy::exact), convolution(policy)});
        for (std::int64_t index = 0; index < 24; index += 5) {
            for (int bit = 0; bit < 32; ++bit) {
                FaultyKernel kernel({Fault::Place::output, 0, index, bit});
                const VerifyReport report = verify(&kernel, {.case_number = 1, .threads = 3});
                ASSERT_EQ(report.mismatches.size(), 1u);
                const Mismatch& mismatch = report.mismatches[0];
                EXPECT_EQ(mismatch.case_number, 1);
                EXPECT_EQ(mismatch.isa, "faulty");
                EXPECT_EQ(mismatch.expected, "golden");
                EXPECT_EQ(mismatch.got, "fast");
                EXPECT_EQ(mismatch.differing_bits, 1);
                const std::string place = "y at (n,k,p,q)=" + Shape{1, 4, 2, 3}.coordinates(index) + ":";
                EXPECT_EQ(mismatch.difference.find(place), 0u) << mismatch.difference;
                EXPECT_NE(mismatch.difference.find("1 of 24 elements differ"), std::string::npos);
                EXPECT_EQ(mismatch.reproduce, "dfp16 verify " + path_ + " --case 1 --isa faulty --threads 3");
            }
        }
    }
}

TEST_F(Verify, AnExponentIsFound) {
    test::write_file(path_, {convolution(Policy::wrap)});
    FaultyKernel kernel({Fault::Place::exponent, 0, 0, 0});
    const VerifyReport report = verify(&kernel);
    ASSERT_EQ(report.mismatches.size(), 1u);
    EXPECT_EQ(report.mismatches[0].difference, "y: expected exponent 2, got exponent 3; 0 of 24 elements differ");
    EXPECT_EQ(report.mismatches[0].exponents, "x -3, w 5");
    EXPECT_EQ(report.backends[1].cases_differ, 1);
    EXPECT_EQ(report.backends[1].bits_differ, 1);
}

TEST_F(Verify, AWeightIsFound) {
    test::write_file(path_, {convolution(Policy::wrap)});
    // w[2,1,0,1], which every y[0,2,p,q] reads and nothing else does.
    FaultyKernel kernel({Fault::Place::input, 1, (2 * 2 + 1) * 9 + 1, 0});
    const VerifyReport report = verify(&kernel);
    ASSERT_EQ(report.mismatches.size(), 1u);
    EXPECT_EQ(report.mismatches[0].difference.find("y at (n,k,p,q)=(0,2,0,0): expected 0x"), 0u)
        << report.mismatches[0].difference;
    EXPECT_NE(report.mismatches[0].difference.find("6 of 24 elements differ"), std::string::npos);
    EXPECT_EQ(report.backends[1].elements_differ, 6);
}

TEST_F(Verify, AStoredOutputIsFound) {
    Case faulty = convolution(Policy::exact);
    faulty.outputs[0].flip_bit(7, 30);
    test::write_file(path_, {convolution(Policy::exact), faulty});
    const VerifyReport report = verify(nullptr);
    ASSERT_EQ(report.mismatches.size(), 1u);
    const Mismatch& mismatch = report.mismatches[0];
    EXPECT_EQ(mismatch.case_number, 1);
    EXPECT_EQ(mismatch.expected, "stored");
    EXPECT_EQ(mismatch.got, "golden");
    EXPECT_EQ(mismatch.isa, "scalar");
    EXPECT_EQ(mismatch.difference.find("y at (n,k,p,q)=(0,1,0,1): expected 0x"), 0u) << mismatch.difference;
    EXPECT_EQ(mismatch.reproduce, "dfp16 verify " + path_ + " --case 1 --threads 1");
}

TEST_F(Verify, AStoredExponentIsFound) {
    Case faulty = convolution(Policy::wrap);
    faulty.outputs[0].exponent.value ^= 4;
    test::write_file(path_, {faulty});
    const VerifyReport report = verify(nullptr);
    ASSERT_EQ(report.mismatches.size(), 1u);
    EXPECT_EQ(report.mismatches[0].difference, "y: expected exponent 6, got exponent 2; 0 of 24 elements differ");
}

TEST_F(Verify, AStoredWeightIsFound) {
    Case faulty = convolution(Policy::exact);
    faulty.inputs[1].flip_bit(0, 3);
    test::write_file(path_, {faulty});
    const auto kernel = fast::make_backend(fast::Isa::portable, 1);
    const VerifyReport report = verify(kernel.get());
    ASSERT_EQ(report.mismatches.size(), 1u) << "golden and the kernel agree with one another, not with what is stored";
    EXPECT_EQ(report.mismatches[0].expected, "stored");
    EXPECT_EQ(report.mismatches[0].difference.find("y at (n,k,p,q)=(0,0,0,0):"), 0u);
}

TEST_F(Verify, StoredAndKernelBothWrongAreTwoMismatches) {
    Case faulty = convolution(Policy::exact);
    faulty.outputs[0].flip_bit(0, 0);
    test::write_file(path_, {faulty});
    FaultyKernel kernel({Fault::Place::output, 0, 0, 0});  // the same wrong bits as stored
    const VerifyReport report = verify(&kernel);
    ASSERT_EQ(report.mismatches.size(), 2u);
    EXPECT_EQ(report.mismatches[0].got, "golden");
    EXPECT_EQ(report.mismatches[1].got, "fast");
}

TEST_F(Verify, ARejectingKernelIsAMismatch) {
    test::write_file(path_, {convolution(Policy::exact)});
    RejectingKernel kernel;
    const VerifyReport report = verify(&kernel);
    ASSERT_EQ(report.mismatches.size(), 1u);
    EXPECT_EQ(report.mismatches[0].difference, "rejects what golden takes: no such operation here");
    EXPECT_EQ(report.backends[1].cases, 1);
    EXPECT_EQ(report.backends[1].cases_differ, 1);
}

TEST_F(Verify, ACaseThatGoldenRejectsIsBadInput) {
    Case bad = convolution(Policy::exact);
    bad.inputs[0].mantissas()[3].value = -32768;
    test::write_file(path_, {bad});
    const std::string message = test::error_of([&] { verify(nullptr); });
    EXPECT_EQ(message.find(path_ + ": case 000000: golden rejects it: "), 0u) << message;
    EXPECT_NE(message.find("-32768"), std::string::npos);
}

TEST_F(Verify, AFileWithoutCasesIsAnError) {
    test::write_file(path_, {});
    EXPECT_EQ(test::error_of([&] { verify(nullptr); }), path_ + ": no cases, expected at least one");
}

TEST_F(Verify, ACaseBeyondTheLastIsAnError) {
    test::write_file(path_, {convolution(Policy::exact)});
    EXPECT_EQ(test::error_of([&] {
                  verify(nullptr, {.case_number = 1});
              }),
              path_ + ": case 1 does not exist, the file has 1 cases");
}

TEST_F(Verify, PathsAreQuotedForTheShell) {
    path_ = directory_.file("it's a file.h5");
    Case faulty = convolution(Policy::exact);
    faulty.outputs[0].flip_bit(0, 0);
    test::write_file(path_, {faulty});
    const std::string command = verify(nullptr).mismatches[0].reproduce;
    EXPECT_NE(command.find("'\\''s a file.h5' --case 0"), std::string::npos) << command;
}

TEST_F(Verify, TheTextNamesEverything) {
    test::write_file(path_, {convolution(Policy::exact)});
    FaultyKernel kernel({Fault::Place::output, 0, 23, 31});
    const std::string text = text_of(verify(&kernel).mismatches[0]);
    EXPECT_EQ(
        text.find(
            "case 000000 conv_forward \"planted\": fast on faulty disagrees with golden\n  y at (n,k,p,q)=(0,3,1,2): "),
        0u)
        << text;
    EXPECT_NE(text.find("exponents of the inputs: x -3, w 5"), std::string::npos);
    EXPECT_NE(text.find("reproduce: dfp16 verify "), std::string::npos);
}

/// One bit of each input of a case of every operation, through the file: some output must change or the case be
/// rejected.
TEST_F(Verify, EveryOperationNoticesItsOutputs) {
    for (const std::string& suite : suite_names()) {
        const std::size_t size = make_suite(suite, 1).size();
        for (std::size_t i = 0; i < size; i += 29) {
            const Case good = test::case_of(suite, i);
            test::write_file(path_, {good});
            FaultyKernel kernel({Fault::Place::output, 0, good.outputs[0].elements() - 1, 3});
            const VerifyReport report = verify(&kernel);
            ASSERT_EQ(report.mismatches.size(), 1u) << good.name;
            EXPECT_EQ(report.mismatches[0].differing_bits, 1) << good.name;
        }
    }
}

/// Level 1 of every suite, on every ISA that this CPU has.
TEST_F(Verify, AllSuitesOnAllIsas) {
    for (const std::string& suite : suite_names()) {
        std::vector<Case> cases;
        for (std::size_t i = 0; i < make_suite(suite, 1).size(); ++i) cases.push_back(test::case_of(suite, i, 2));
        test::write_file(path_, cases);
        std::vector<std::unique_ptr<Backend>> owners;
        std::vector<Backend*> kernels;
        for (const fast::Isa isa : fast::supported_isas()) {
            for (const int threads : {1, 2, 3}) {
                owners.push_back(fast::make_backend(isa, threads));
                kernels.push_back(owners.back().get());
            }
        }
        const VerifyReport report = verify_file(path_, *make_golden_backend(2), kernels, {});
        ASSERT_EQ(report.backends.size(), kernels.size() + 1);
        for (const BackendResult& result : report.backends) {
            EXPECT_EQ(result.cases, static_cast<std::int64_t>(cases.size()));
        }
        for (const Mismatch& mismatch : report.mismatches) ADD_FAILURE() << text_of(mismatch);
    }
}

}  // namespace
}  // namespace dfp16
