// Kernels in shared libraries: right ones pass, each misbehaviour is reported as what it is, and the next case goes on.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <set>

#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/kernel/call_params.h"
#include "vectors/kernel/dfp16_kernel.h"
#include "vectors/kernel/kernel_backend.h"
#include "vectors/kernel/layouts.h"
#include "vectors/kernel_fault.h"

extern "C" std::uint32_t dfp16_c99_params_bytes(void);

namespace dfp16 {
namespace {

using namespace std::chrono_literals;
using test::case_of;

/// Sets what the faulty library does, for the children started meanwhile.
class Fault {
public:
    explicit Fault(const std::string& name) { setenv("DFP16_FAULT", name.c_str(), 1); }
    ~Fault() { unsetenv("DFP16_FAULT"); }
};

/// relu_forward of INT16. Row-major y has 2 * 19 * 3 * 5 = 570 mantissas, so that 52 bytes are left behind it.
Case relu_case(const Shape& shape = {2, 19, 3, 5}) {
    Case made;
    made.op = OpKind::relu_forward;
    made.name = "relu";
    made.extent = shape;
    HostTensor x(ElementType::mantissa, shape);
    for (std::size_t i = 0; i < x.mantissas().size(); ++i) {
        x.mantissas()[i].value = static_cast<std::int16_t>(static_cast<int>(i * 37 % 1001) - 500);
    }
    x.exponent = {-7};
    made.inputs = {x};
    return made;
}

std::vector<HostTensor> golden_answer(const Case& made) {
    return run(made, *make_golden_backend(1));
}

void expect_golden(const Case& made, Backend& kernel) {
    SCOPED_TRACE(made.name);
    const std::vector<HostTensor> expected = golden_answer(made);
    const std::vector<HostTensor> got = run(made, kernel);
    ASSERT_EQ(expected.size(), got.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto difference = compare(expected[i], got[i]);
        EXPECT_FALSE(difference) << describe("output", "", expected[i], got[i], *difference);
    }
}

struct Count {
    int passed = 0;
    int skipped = 0;
};

/// Every case of the suite that the library supports equals golden.
Count check_suite(const std::string& path, const std::string& suite_name) {
    const auto kernel = make_kernel_backend(path);
    const Suite suite = make_suite(suite_name, 1);
    Count count;
    for (std::size_t i = 0; i < suite.size(); ++i) {
        const Case made = suite.make(i, 1);
        try {
            expect_golden(made, *kernel);
            ++count.passed;
        } catch (const UnsupportedOperation&) {
            ++count.skipped;
        } catch (const KernelFault& fault) {
            ADD_FAILURE() << made.name << ": " << name_of(fault.kind()) << ": " << fault.what();
        }
    }
    return count;
}

TEST(KernelAbi, HeaderIsTheSameInC99) {
    EXPECT_EQ(dfp16_c99_params_bytes(), sizeof(dfp16_params));
}

TEST(KernelAbi, ParametersOfEachKind) {
    CaseHeader header;
    header.context = {7, 11, 0.25f};
    const auto params = [&](OpKind op, const OpParams& from) {
        header.op = op;
        header.params = from;
        return kernel::params_of(header);
    };
    const dfp16_params sgd = params(OpKind::sgd_update, SgdParams{0.5f, 0.125f});
    EXPECT_EQ(std::string(sgd.op), "sgd_update");
    EXPECT_EQ(sgd.learning_rate, 0.25f);
    EXPECT_EQ(sgd.momentum, 0.5f);
    EXPECT_EQ(sgd.weight_decay, 0.125f);
    const dfp16_params add = params(OpKind::add, AddParams{{3, Rounding::stochastic, 99}, true});
    EXPECT_EQ(add.headroom, 3);
    EXPECT_EQ(add.rounding, DFP16_STOCHASTIC);
    EXPECT_EQ(add.tensor, 99u);
    EXPECT_EQ(add.seed, 7u);
    EXPECT_EQ(add.step, 11u);
    EXPECT_EQ(add.relu, 1);
    EXPECT_EQ(add.learning_rate, 0.0f);
    const dfp16_params conv = params(
        OpKind::conv_forward, ConvParams{1, 2, 3, 4, 5, 6, 7, 8, 9, {10, 11}, {12, 13}, 14, {Policy::chain, 15}});
    EXPECT_EQ((std::vector{conv.N, conv.C, conv.H, conv.W, conv.K, conv.R, conv.S, conv.P, conv.Q, conv.stride_h,
                           conv.stride_w, conv.pad_h, conv.pad_w, conv.groups, conv.chain}),
              (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
    EXPECT_EQ(conv.policy, DFP16_CHAIN);
    EXPECT_EQ(params(OpKind::conv_forward, ConvParams{}).chain, 0) << "policy exact has none";
    const PoolParams pooling{
        1, 2, 3, 4, 5, 6, 7, 8, {9, 10}, {11, 12}, {4, Rounding::toward_zero, 5}, SizeRounding::ceil};
    const dfp16_params pool = params(OpKind::max_pool_backward, pooling);
    EXPECT_EQ((std::vector{pool.R, pool.S, pool.P, pool.Q, pool.stride_w, pool.pad_h}),
              (std::vector<std::int64_t>{5, 6, 7, 8, 10, 11}));
    EXPECT_EQ(pool.rounding, DFP16_TOWARD_ZERO);
    EXPECT_EQ(pool.pool_size, DFP16_SIZE_CEIL);
    const dfp16_params lrn = params(OpKind::lrn_forward, LrnParams{7, 0.5f, 2.0f});
    EXPECT_EQ(lrn.lrn_size, 7);
    EXPECT_EQ(lrn.lrn_alpha, 0.5f);
    EXPECT_EQ(lrn.lrn_k, 2.0f);
    const dfp16_params dropout = params(OpKind::dropout_forward, DropoutParams{0.75f, 6});
    EXPECT_EQ(dropout.dropout_rate, 0.75f);
    EXPECT_EQ(dropout.tensor, 6u);
    EXPECT_EQ(params(OpKind::softmax_backward, LossParams{0.3f}).loss_weight, 0.3f);
    const dfp16_params norm = params(OpKind::batch_norm_forward, BatchNormParams{0.5f, 0.25f});
    EXPECT_EQ(norm.epsilon, 0.5f);
    EXPECT_EQ(norm.momentum, 0.25f);
}

TEST(KernelSamples, Gemm) {
    const Count gemm = check_suite(KERNEL_GEMM, "gemm");
    EXPECT_GT(gemm.passed, 200);
    EXPECT_GT(gemm.skipped, 0) << "policy fma";
    int vpdpwssd = 0;
    const Suite instructions = make_suite("instructions", 1);
    for (std::size_t i = 0; i < instructions.size(); ++i) {
        if (instructions.make(i, 1).op == OpKind::vpdpwssd) ++vpdpwssd;
    }
    EXPECT_GT(vpdpwssd, 0);
    EXPECT_EQ(check_suite(KERNEL_GEMM, "instructions").passed, vpdpwssd);
}

TEST(KernelSamples, Convolution) {
#if !defined(KERNEL_CONV_AVX512)
    GTEST_SKIP() << "not an x86 machine";
#else
    if (!__builtin_cpu_supports("avx512vnni")) GTEST_SKIP() << "this CPU lacks AVX-512 VNNI";
    EXPECT_GT(check_suite(KERNEL_CONV_AVX512, "conv").passed, 50);
#endif
}

TEST(KernelSamples, QuantizeInFortran) {
#if !defined(KERNEL_QUANTIZE)
    GTEST_SKIP() << "built without a Fortran compiler";
#else
    EXPECT_GT(check_suite(KERNEL_QUANTIZE, "dfp").passed, 80);
#endif
}

TEST(KernelBackend, Names) {
    EXPECT_EQ(make_kernel_backend(KERNEL_GEMM)->name(), "kernel");
    EXPECT_EQ(make_kernel_backend(KERNEL_GEMM)->isa(), "sample-gemm");
    const Fault fault("table-name");
    EXPECT_EQ(make_kernel_backend(KERNEL_FAULTY)->isa(), "libkernel_faulty.so");
}

TEST(KernelBackend, RightKernelPassesInEveryLayout) {
    for (const char* layout : {"", "padding"}) {
        const Fault fault(layout);
        const auto kernel = make_kernel_backend(KERNEL_FAULTY);
        for (const Shape& shape : {Shape{2, 19, 3, 5}, Shape{1, 16, 1, 1}, Shape{1, 1, 1, 1}, Shape{3, 33, 2, 31}}) {
            expect_golden(relu_case(shape), *kernel);
        }
    }
}

/// Tensors beyond what the arena has at first, and small ones again.
TEST(KernelBackend, MemoryGrows) {
    const auto kernel = make_kernel_backend(KERNEL_FAULTY);
    for (const std::int64_t size : {3, 400, 900, 5}) expect_golden(relu_case({1, 3, size, size}), *kernel);
}

TEST(KernelBackend, WrongBitsAreAnAnswer) {
    const Fault fault("wrong");
    const auto kernel = make_kernel_backend(KERNEL_FAULTY);
    const Case made = relu_case();
    EXPECT_TRUE(compare(golden_answer(made)[0], run(made, *kernel)[0]));
}

TEST(KernelBackend, OperationsThatTheLibraryLacks) {
    const auto kernel = make_kernel_backend(KERNEL_FAULTY);
    EXPECT_THROW(run(case_of("dfp", 0), *kernel), UnsupportedOperation);
    Case vector = relu_case({2, 3});
    EXPECT_THROW(run(vector, *kernel), UnsupportedOperation) << "returned for rank 2";
    const Fault blocked("padding");
    const auto blocked_kernel = make_kernel_backend(KERNEL_FAULTY);
    EXPECT_THROW(run(relu_case({7}), *blocked_kernel), UnsupportedOperation) << "no blocks of channels in rank 1";
}

TEST(KernelBackend, FallbackRunsTheRest) {
    const auto golden = make_golden_backend(1);
    const auto kernel = make_kernel_backend(KERNEL_FAULTY, {}, golden.get());
    // relu, then dequantize: the first is the library's, the second is not.
    const Case made = relu_case();
    Graph graph;
    const auto tensor = [&](const char* name, ElementType type) {
        return graph.add_tensor({"layer", name, type, made.extent, Storage::stored, false});
    };
    const TensorId x = tensor("x", ElementType::mantissa);
    const TensorId y = tensor("y", ElementType::mantissa);
    const TensorId z = tensor("z", ElementType::fp32);
    graph.add_operation({OpKind::relu_forward, "layer", Pass::forward, NoParams{}, {x}, {y}});
    graph.add_operation({OpKind::dequantize, "layer", Pass::forward, NoParams{}, {y}, {z}});
    const auto expected = golden->prepare(graph, {});
    const auto got = kernel->prepare(graph, {});
    for (Plan* plan : {expected.get(), got.get()}) {
        plan->bind(x, made.inputs[0]);
        plan->run_all({});
    }
    EXPECT_FALSE(compare(expected->read(z), got->read(z)));
    EXPECT_FALSE(compare(golden_answer(case_of("dfp", 0))[0], run(case_of("dfp", 0), *kernel)[0]));
}

/// Calls of every operation are whole and consistent, in every layout.
class KernelCalls : public testing::TestWithParam<std::int32_t> {};

TEST_P(KernelCalls, FitTogether) {
    setenv("DFP16_PROBE_LAYOUT", std::to_string(GetParam()).c_str(), 1);
    const auto kernel = make_kernel_backend(KERNEL_PROBE);
    constexpr std::size_t kStep = 5;  // a fifth of the cases
    int ran = 0;
    std::set<OpKind> kinds;
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        for (std::size_t i = 0; i < suite.size(); i += kStep) {
            const Case made = suite.make(i, 1);
            try {
                const std::vector<HostTensor> outputs = run(made, *kernel);
                for (const HostTensor& output : outputs)
                    EXPECT_FALSE(compare(output, HostTensor(output.type(), output.shape)));
                kinds.insert(made.op);
                ++ran;
            } catch (const UnsupportedOperation&) {
                EXPECT_NE(GetParam(), DFP16_PLAIN) << made.name;
            } catch (const KernelFault& fault) {
                ADD_FAILURE() << name_of(made.op) << " " << made.name << ": " << fault.what() << " (a line of probe.c)";
            }
        }
    }
    unsetenv("DFP16_PROBE_LAYOUT");
    EXPECT_GT(ran, 100);
    EXPECT_GE(kinds.size(), GetParam() == DFP16_PLAIN ? std::size_t{30} : std::size_t{10});
}

INSTANTIATE_TEST_SUITE_P(All, KernelCalls, testing::Values(DFP16_PLAIN, DFP16_NCHW16C, DFP16_NCHW32C, DFP16_VNNI16));

struct Misbehaviour {
    const char* name;
    FaultKind kind;
    const char* text;  ///< in the message
};

void PrintTo(const Misbehaviour& misbehaviour, std::ostream* out) {
    *out << misbehaviour.name;
}

class KernelMisbehaves : public testing::TestWithParam<Misbehaviour> {};

TEST_P(KernelMisbehaves, IsReportedAndTheNextCaseGoesOn) {
    const Misbehaviour& expected = GetParam();
    std::unique_ptr<Backend> kernel;
    {
        const Fault fault(expected.name);
        kernel = make_kernel_backend(KERNEL_FAULTY, {300ms, 1});
        try {
            run(relu_case(), *kernel);
            FAIL() << "no fault";
        } catch (const KernelFault& found) {
            EXPECT_STREQ(name_of(found.kind()), name_of(expected.kind)) << found.what();
            EXPECT_NE(std::string(found.what()).find(expected.text), std::string::npos) << found.what();
            EXPECT_EQ(std::string(found.what()).find('\n'), std::string::npos) << found.what();
        }
    }
    // The child that lives on is still told to misbehave; one started anew is not.
    if (expected.kind == FaultKind::crash || expected.kind == FaultKind::hang) expect_golden(relu_case(), *kernel);
}

INSTANTIATE_TEST_SUITE_P(
    Each, KernelMisbehaves,
    testing::Values(
        Misbehaviour{"null", FaultKind::crash, "null pointer"}, Misbehaviour{"abort", FaultKind::crash, "Aborted"},
        Misbehaviour{"illegal", FaultKind::crash, "Illegal instruction"},
        Misbehaviour{"divide", FaultKind::crash, "Floating point exception"},
        Misbehaviour{"wild", FaultKind::crash, "wrote address 0x123456789000"},
        Misbehaviour{"stack", FaultKind::crash, "stack overflow"},
        Misbehaviour{"hang", FaultKind::hang, "no answer within 0.3 s"},
        Misbehaviour{"exit", FaultKind::failed, "exit(0)"}, Misbehaviour{"_exit", FaultKind::failed, "status 3"},
        Misbehaviour{"kill", FaultKind::failed, "signal 9"},
        Misbehaviour{"error", FaultKind::failed, "returned error 42"},
        Misbehaviour{"writes-behind", FaultKind::outside_access,
                     "wrote 128 bytes past the end of output y (1140 bytes)"},
        Misbehaviour{"writes-gap", FaultKind::outside_access, "wrote just past the end of output y"},
        Misbehaviour{"writes-before", FaultKind::outside_access, "bytes before the start of output y"},
        Misbehaviour{"reads-behind", FaultKind::outside_access, "read 128 bytes past the end of input x"},
        Misbehaviour{"reads-before", FaultKind::outside_access, "read 32 bytes before the start of input x"},
        Misbehaviour{"writes-between-rows", FaultKind::outside_access, "between the rows"},
        Misbehaviour{"writes-input", FaultKind::input_changed, "wrote to input x at (n,c,h,w)=(0,0,0,4)"},
        Misbehaviour{"mxcsr", FaultKind::environment_changed, "MXCSR's control bits 0x9f80"},
        Misbehaviour{"x87-control", FaultKind::environment_changed, "x87 control word 0x7f"},
        Misbehaviour{"mmx", FaultKind::environment_changed, "emms"},
        Misbehaviour{"direction", FaultKind::environment_changed, "direction flag"},
        Misbehaviour{"random", FaultKind::unstable, "output y at (n,c,h,w)=(0,0,0,3) is"},
        Misbehaviour{"exponent-random", FaultKind::unstable, "got exponent"},
        Misbehaviour{"unwritten", FaultKind::unstable, "did not write output y at (n,c,h,w)=(0,0,0,0)"},
        Misbehaviour{"wrong-strided", FaultKind::unstable, "on padded strides"},
        Misbehaviour{"padding-unwritten", FaultKind::malformed, "(n,c,h,w)=(1,31,2,4) is not written"},
        Misbehaviour{"padding-set", FaultKind::malformed, "(n,c,h,w)=(1,31,2,4) is 0x1, expected zeros"},
        Misbehaviour{"exponent-unset", FaultKind::malformed, "did not set the exponent of output y"}),
    [](const auto& each) {
        std::string name = each.param.name;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

struct BadLibrary {
    const char* fault;
    const char* text;
};

TEST(KernelBackend, LibrariesThatCannotBeUsed) {
    for (const BadLibrary& bad :
         {BadLibrary{"table-null", "gave a null pointer"}, BadLibrary{"table-abi", "has kernel ABI 2, expected 1"},
          BadLibrary{"table-empty", "table is empty"}, BadLibrary{"table-op", "unknown operation 'relu_foreward'"},
          BadLibrary{"table-layout", "has layout 77, expected 0 to 3"}, BadLibrary{"table-run", "has no run function"},
          BadLibrary{"table-size", "has struct_size 8, expected"},
          BadLibrary{"table-entry", "entry 0 of its table is a null pointer"},
          BadLibrary{"table-exit", "called exit(5) while it was loaded"},
          BadLibrary{"constructor", "crashed (Segmentation fault) while it was loaded"}}) {
        SCOPED_TRACE(bad.fault);
        const Fault fault(bad.fault);
        const std::string error = test::error_of([] { make_kernel_backend(KERNEL_FAULTY); });
        EXPECT_NE(error.find(bad.text), std::string::npos) << error;
        EXPECT_NE(error.find("libkernel_faulty.so"), std::string::npos) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
    EXPECT_NE(test::error_of([] { make_kernel_backend("/no/such.so"); }).find("no such file"), std::string::npos);
    EXPECT_NE(test::error_of([] { make_kernel_backend(KERNEL_NO_TABLE); }).find("does not export dfp16_kernels()"),
              std::string::npos);
    const std::string text_file = DFP16_SOURCE_DIR "/README.md";
    EXPECT_NE(test::error_of([&] { make_kernel_backend(text_file); }).find("README.md"), std::string::npos);
}

// --- layouts

/// Elements whose bits are 1, 2, 3, ...
HostTensor numbered(ElementType type, const Shape& shape) {
    HostTensor tensor(type, shape);
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        for (int bit = 0; bit < 16; ++bit) {
            if (((i + 1) >> bit & 1) != 0) tensor.flip_bit(i, bit);
        }
    }
    return tensor;
}

/// The formulas of dfp16_kernel.h, as they stand there.
std::int64_t memory_index(std::int32_t layout, const Shape& shape, const std::array<std::int64_t, 4>& at) {
    std::array<std::int64_t, 4> size{1, 1, 1, 1};
    for (std::size_t i = 0; i < shape.rank(); ++i) size[i] = shape[i];
    const auto ceil = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    const auto [C, H, W] = std::array{size[1], size[2], size[3]};
    if (layout == DFP16_PLAIN) return ((at[0] * C + at[1]) * H + at[2]) * W + at[3];
    if (layout == DFP16_VNNI16) {
        const std::int64_t k = at[0], c = at[1], r = at[2], s = at[3];
        return (((((k / 16) * ceil(C, 16) + c / 16) * H + r) * W + s) * 8 + (c % 16) / 2) * 32 + (k % 16) * 2 + c % 2;
    }
    const std::int64_t B = layout == DFP16_NCHW16C ? 16 : 32;
    return (((at[0] * ceil(C, B) + at[1] / B) * H + at[2]) * W + at[3]) * B + at[1] % B;
}

class Layouts : public testing::TestWithParam<std::int32_t> {};

TEST_P(Layouts, FollowTheFormulaAndRoundTrip) {
    const std::int32_t layout = GetParam();
    for (const ElementType type : {ElementType::mantissa, ElementType::fp32}) {
        for (const Shape& shape :
             {Shape{2, 17, 3, 2}, Shape{33, 16, 1, 1}, Shape{1, 1, 1, 1}, Shape{5, 40}, Shape{16, 32, 2, 5}}) {
            SCOPED_TRACE(shape.text());
            const HostTensor tensor = numbered(type, shape);
            const kernel::Form form = kernel::dense_form(layout, type, shape);
            std::vector<unsigned char> bytes(form.bytes(), 0xEE);
            kernel::pack(tensor, form, 0xEE, bytes.data());
            std::vector<std::uint32_t> expected(static_cast<std::size_t>(form.memory_elements()), 0);
            for (std::int64_t i = 0; i < shape.elements(); ++i) {
                std::array<std::int64_t, 4> at{};
                std::int64_t rest = i;
                for (std::size_t d = shape.rank(); d-- > 0; rest /= shape[d]) at[d] = rest % shape[d];
                const std::int64_t place = memory_index(layout, shape, at);
                expected.at(static_cast<std::size_t>(place)) = tensor.bits(i);
                EXPECT_EQ(kernel::coordinates(form, place), at);
            }
            for (std::size_t i = 0; i < expected.size(); ++i) {
                std::uint32_t bits = 0;
                std::memcpy(&bits, bytes.data() + i * form.element_bytes(), form.element_bytes());
                ASSERT_EQ(bits, expected[i]) << i;
                ASSERT_EQ(kernel::within_shape(form, static_cast<std::int64_t>(i)), expected[i] != 0) << i;
            }
            HostTensor back(type, shape);
            kernel::unpack(bytes.data(), form, back);
            EXPECT_FALSE(compare(tensor, back));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, Layouts, testing::Values(DFP16_PLAIN, DFP16_NCHW16C, DFP16_NCHW32C, DFP16_VNNI16));

TEST(Layouts, StridedRowsRoundTrip) {
    for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{1, 1, 1, 1}, Shape{7}, Shape{6, 1}, Shape{2, 3, 4}}) {
        SCOPED_TRACE(shape.text());
        const HostTensor tensor = numbered(ElementType::mantissa, shape);
        const kernel::Form form = kernel::strided_form(DFP16_PLAIN, ElementType::mantissa, shape);
        std::vector<unsigned char> bytes(form.bytes(), 0);
        kernel::pack(tensor, form, 0xEE, bytes.data());
        std::int64_t within = 0;
        for (std::int64_t i = 0; i < form.memory_elements(); ++i) {
            const bool gap = !kernel::within_shape(form, i);
            within += gap ? 0 : 1;
            std::uint16_t bits = 0;
            std::memcpy(&bits, bytes.data() + i * 2, 2);
            ASSERT_EQ(bits == 0xEEEE, gap) << i;
        }
        EXPECT_EQ(within, shape.elements());
        HostTensor back(ElementType::mantissa, shape);
        kernel::unpack(bytes.data(), form, back);
        EXPECT_FALSE(compare(tensor, back));
    }
}

}  // namespace
}  // namespace dfp16
