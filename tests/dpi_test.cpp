// The golden model's C functions against sim/, and the sample bench that checks a MAC array with them under Verilator.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "sim/accumulate.h"
#include "sim/down_convert.h"
#include "sim/quantize.h"
#include "tests/random_picks.h"
#include "tests/vectors_helpers.h"
#include "vectors/dpi/dfp16_dpi.h"

namespace dfp16::test {
namespace {

constexpr int kTouched = 0x5a5a5a5a;  // what an output holds that nobody wrote

std::int16_t any_mantissa(RandomPicks& picks) {
    if (picks.pick(0, 3) == 0) return picks.one_of<std::int16_t>({-32768, -32767, -1, 0, 1, 32767});
    return static_cast<std::int16_t>(picks.pick(-32768, 32767));
}

/// Factors in a list of the C side and here, padded to pairs here.
struct Factors {
    explicit Factors(RandomPicks& picks, std::int64_t size, bool lowest = true) {
        for (std::int64_t i = 0; i < size; ++i) {
            for (std::vector<Mantissa>* factors : {&a, &b}) {
                Mantissa m{any_mantissa(picks)};
                if (!lowest && m.value == -32768) m.value = -32767;
                factors->push_back(m);
            }
            EXPECT_EQ(dfp16_list_push(list, a.back().value, b.back().value), 0);
        }
        if (size % 2 == 1) {
            a.push_back({0});
            b.push_back({0});
        }
    }
    ~Factors() { dfp16_list_free(list); }
    Factors(const Factors&) = delete;
    Factors& operator=(const Factors&) = delete;

    std::vector<Mantissa> a, b;
    void* list = dfp16_list_new();
};

TEST(Dpi, PairInstructions) {
    EXPECT_EQ(dfp16_vpmaddwd(-32768, -32768, -32768, -32768), std::numeric_limits<int>::min());
    EXPECT_EQ(dfp16_vpdpwssds(-1, -32768, -32768, -32768, -32768), std::numeric_limits<int>::max());
    EXPECT_EQ(dfp16_vpdpwssd(-1, -32768, -32768, -32768, -32768), std::numeric_limits<int>::max());
    EXPECT_EQ(dfp16_vpdpwssds(1, -32768, -32768, -32768, -32768), std::numeric_limits<int>::max());
    EXPECT_EQ(dfp16_vpdpwssd(1, -32768, -32768, -32768, -32768), std::numeric_limits<int>::min() + 1);
    RandomPicks picks(1);
    for (int i = 0; i < 2000; ++i) {
        const std::vector<Mantissa> a{{any_mantissa(picks)}, {any_mantissa(picks)}};
        const std::vector<Mantissa> b{{any_mantissa(picks)}, {any_mantissa(picks)}};
        const auto c = static_cast<std::int32_t>(picks.word());
        const auto call = [&](auto function, auto... first) {
            return function(first..., a[0].value, a[1].value, b[0].value, b[1].value);
        };
        EXPECT_EQ(call(dfp16_vpmaddwd), wrap_sum({0}, a, b).value);
        EXPECT_EQ(call(dfp16_vpdpwssd, c), wrap_sum({c}, a, b).value);
        EXPECT_EQ(call(dfp16_vpdpwssds, c), saturate_sum({c}, a, b).value);
    }
}

TEST(Dpi, SumsOfLists) {
    RandomPicks picks(2);
    for (int i = 0; i < 200; ++i) {
        const Factors factors(picks, picks.pick(0, 70));
        const int chain = static_cast<int>(picks.pick(1, 40));
        int acc = kTouched;
        ASSERT_EQ(dfp16_list_wrap(factors.list, &acc), 0);
        EXPECT_EQ(acc, wrap_sum({0}, factors.a, factors.b).value);
        ASSERT_EQ(dfp16_list_saturate(factors.list, &acc), 0);
        EXPECT_EQ(acc, saturate_sum({0}, factors.a, factors.b).value);
        ASSERT_EQ(dfp16_list_chain(factors.list, chain, &acc), 0);
        EXPECT_EQ(acc, std::bit_cast<int>(chain_sum(0.0f, factors.a, factors.b, chain)));

        const Factors allowed(picks, picks.pick(0, 70), false);
        long long sum = kTouched;
        ASSERT_EQ(dfp16_list_exact(allowed.list, &sum), 0);
        EXPECT_EQ(sum, exact_sum(allowed.a, allowed.b));
        const int k = static_cast<int>(picks.pick(-240, 60));
        int bits = kTouched;
        ASSERT_EQ(dfp16_scale_exact(sum, k, &bits), 0) << dfp16_dpi_error();
        EXPECT_EQ(bits, std::bit_cast<int>(scale_exact(sum, k)));
        ASSERT_EQ(dfp16_scale_chain(std::bit_cast<int>(static_cast<float>(sum)), k, &bits), 0);
        EXPECT_EQ(bits, std::bit_cast<int>(scale_chain(static_cast<float>(sum), k)));
    }
}

TEST(Dpi, ClearedListsStartAnew) {
    RandomPicks picks(3);
    const Factors factors(picks, 9);
    ASSERT_EQ(dfp16_list_clear(factors.list), 0);
    ASSERT_EQ(dfp16_list_push(factors.list, 3, -5), 0);
    int acc = kTouched;
    ASSERT_EQ(dfp16_list_wrap(factors.list, &acc), 0);
    EXPECT_EQ(acc, -15);
}

/// Elements of a tensor on the C side.
struct Elements {
    explicit Elements(const std::vector<int>& elements) {
        for (const int element : elements) EXPECT_EQ(dfp16_tensor_push(tensor, element), 0);
    }
    ~Elements() { dfp16_tensor_free(tensor); }
    Elements(const Elements&) = delete;
    Elements& operator=(const Elements&) = delete;

    void expect(const std::vector<Mantissa>& mantissas) const {
        for (std::size_t i = 0; i < mantissas.size(); ++i) {
            short m = 0x5a5a;
            ASSERT_EQ(dfp16_tensor_mantissa(tensor, static_cast<int>(i), &m), 0);
            EXPECT_EQ(m, mantissas[i].value) << "element " << i;
        }
        short m = 0;
        EXPECT_EQ(dfp16_tensor_mantissa(tensor, static_cast<int>(mantissas.size()), &m), 1);
    }

    void* tensor = dfp16_tensor_new();
};

TEST(Dpi, Tensors) {
    RandomPicks picks(4);
    for (int i = 0; i < 120; ++i) {
        const int headroom = static_cast<int>(picks.pick(0, 14));
        const int mode = i % 3;
        const RandomStream random{picks.word(), static_cast<std::uint32_t>(picks.word()), Purpose::quantize, 77};
        const std::vector<Rounding> modes{Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic};
        std::vector<int> bits, integers;
        std::vector<float> x;
        std::vector<Accumulator> v;
        for (std::int64_t size = picks.pick(1, 30); size > 0; --size) {
            x.push_back(
                std::ldexp(static_cast<float>(picks.pick(-1000000, 1000000)), static_cast<int>(picks.pick(-60, 20))));
            bits.push_back(std::bit_cast<int>(x.back()));
            integers.push_back(static_cast<std::int32_t>(picks.word()) >> picks.pick(0, 31));
            v.push_back({integers.back()});
        }
        std::vector<Mantissa> y(x.size());
        const Elements fp32(bits);
        int exponent = kTouched;
        ASSERT_EQ(dfp16_tensor_quantize(fp32.tensor, headroom, mode, random.seed, random.step, 77, &exponent), 0);
        EXPECT_EQ(exponent, quantize(x, headroom, modes[static_cast<std::size_t>(mode)], random, y).value);
        fp32.expect(y);

        const int exponent_in = static_cast<int>(picks.pick(-200, 60));
        const RandomStream other{random.seed, random.step, Purpose::down_convert, 77};
        const Elements int32(integers);
        ASSERT_EQ(dfp16_tensor_down_convert(int32.tensor, exponent_in, headroom, mode, random.seed, random.step, 77,
                                            &exponent),
                  0);
        EXPECT_EQ(exponent,
                  down_convert(v, {exponent_in}, headroom, modes[static_cast<std::size_t>(mode)], other, y).value);
        int32.expect(y);
    }
}

/// Element by element, with its own random words, a tensor comes out the same.
TEST(Dpi, ElementsMakeUpTensors) {
    const std::vector<int> v{1 << 30, -(1 << 29) - 12345, 77777, -1, 0, 65536 + 32768};
    for (int mode = 0; mode < 3; ++mode) {
        const Elements whole(v);
        int exponent = kTouched;
        ASSERT_EQ(dfp16_tensor_down_convert(whole.tensor, 0, 2, mode, 5, 6, 7, &exponent), 0);
        EXPECT_EQ(exponent, 18);
        std::vector<Mantissa> one_by_one;
        for (std::size_t i = 0; i < v.size(); ++i) {
            short m = 0x5a5a;
            const unsigned word = dfp16_random_word(5, 6, 3, 7, i);
            ASSERT_EQ(dfp16_down_convert_element(v[i], exponent, 2, mode, word, &m), 0);
            one_by_one.push_back({m});
        }
        whole.expect(one_by_one);
    }
    short m = 0;
    ASSERT_EQ(dfp16_quantize_element(std::bit_cast<int>(-3.0f), -11, 2, 0, 0, &m), 0);
    EXPECT_EQ(m, -6144);
    int bits = 0;
    ASSERT_EQ(dfp16_dequantize(m, -11, &bits), 0);
    EXPECT_EQ(std::bit_cast<float>(bits), -3.0f);
}

TEST(Dpi, FailuresGiveATextAndTouchNothing) {
    int i = kTouched;
    short s = 0x5a5a;
    long long l = kTouched;
    void* list = dfp16_list_new();
    void* tensor = dfp16_tensor_new();
    ASSERT_EQ(dfp16_list_push(list, 1, 1), 0);
    ASSERT_EQ(dfp16_list_push(list, 2, -32768), 0);
    const auto expect = [&](int status, const std::string& text) {
        EXPECT_EQ(status, 1) << text;
        EXPECT_EQ(std::string(dfp16_dpi_error()), text);
    };
    expect(dfp16_list_exact(list, &l), "b: factor 1 is -32768, expected -32767 to 32767");
    expect(dfp16_list_chain(list, 0, &i), "chain = 0, expected 1 to 2147483647");
    expect(dfp16_list_wrap(nullptr, &i), "null, expected a list");
    expect(dfp16_tensor_push(nullptr, 1), "null, expected a tensor");
    expect(dfp16_scale_exact(1, 128, &i), "result beyond FP32 (2^128 or more)");
    expect(dfp16_scale_chain(0x7f800000, 0, &i), "result beyond FP32 (2^128 or more)");
    expect(dfp16_scale_exact(1, 509, &i), "k = 509, expected -508 to 508");
    expect(dfp16_dequantize(1, 128, &i), "exponent = 128, expected -126 to 127");
    expect(dfp16_down_convert_element(1, -1, 2, 0, 0, &s), "shift = -1, expected 0 to 2147483647");
    expect(dfp16_down_convert_element(1, 1, 15, 0, 0, &s), "headroom = 15, expected 0 to 14");
    expect(dfp16_down_convert_element(1, 1, 2, 3, 0, &s), "rounding = 3, expected 0 to 2");
    expect(dfp16_quantize_element(std::bit_cast<int>(4.0f), -11, 2, 0, 0, &s), "exponent = -11, expected -10 to 127");
    expect(dfp16_tensor_quantize(tensor, 2, 0, 1, 0, 0, &i), "tensor without elements");
    expect(dfp16_tensor_mantissa(tensor, 0, &s),
           "tensor that is not converted, expected quantize or down_convert before");
    ASSERT_EQ(dfp16_tensor_push(tensor, 0x7f800000), 0);
    expect(dfp16_tensor_quantize(tensor, 2, 0, 1, 0, 0, &i), "element 0 is infinite, expected finite numbers");
    expect(dfp16_tensor_down_convert(tensor, 110, 2, 0, 1, 0, 0, &i),
           "exponent 128 after down-conversion, expected at most 113");
    expect(dfp16_dpi_fail("of the bench"), "of the bench");
    EXPECT_EQ(i, kTouched);
    EXPECT_EQ(s, 0x5a5a);
    EXPECT_EQ(l, kTouched);
    EXPECT_EQ(std::string(dfp16_dpi_contract()), kContractVersion);
    dfp16_list_free(list);
    dfp16_tensor_free(tensor);
}

int status_of(const std::string& command) {
    const int status = std::system(("(" + command + ") </dev/null").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The sample array passes its bench; with a fault planted in its last cell it does not, and the bench names the cell.
TEST(Dpi, MacArrayUnderVerilator) {
#ifdef DFP16_SANITIZED
    GTEST_SKIP() << "the library needs the sanitizers' runtime, which the simulation has not";
#endif
    if (status_of("command -v verilator >/dev/null && verilator --version | grep -q 'Verilator [5-9]'") != 0) {
        GTEST_SKIP() << "no Verilator 5";
    }
    const TemporaryDirectory place;
    const std::string dpi = DFP16_SOURCE_DIR "/vectors/dpi/";
    const std::string build =
        "cd " + place.path() + " && verilator --binary --timing -DDFP16_PLANT_FAULT --Mdir objects " +
        "--top-module mac_array_tb -j 2 --unroll-count 1 -MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' " + dpi +
        "dfp16_pkg.sv " + dpi + "samples/mac_array.sv " + dpi + "samples/mac_array_tb.sv " + DFP16_DPI_LIBRARY +
        " -LDFLAGS -Wl,-rpath," + DFP16_DPI_DIRECTORY + " >build.log 2>&1";
    ASSERT_EQ(status_of(build), 0) << bytes_of(place.file("build.log"));
    const std::string bench = place.file("objects/Vmac_array_tb");

    EXPECT_EQ(status_of(bench + " +seed=3 >" + place.file("right") + " 2>&1"), 0) << bytes_of(place.file("right"));
    EXPECT_NE(bytes_of(place.file("right")).find("PASS: "), std::string::npos) << bytes_of(place.file("right"));

    EXPECT_NE(status_of(bench + " +seed=3 +plant >" + place.file("wrong") + " 2>&1"), 0);
    const std::string wrong = bytes_of(place.file("wrong"));
    EXPECT_NE(wrong.find("FAIL: "), std::string::npos) << wrong;
    EXPECT_NE(wrong.find("wrap: cell (2,3) after pair "), std::string::npos) << wrong;
    for (std::size_t at = wrong.find("cell ("); at != std::string::npos; at = wrong.find("cell (", at + 1)) {
        EXPECT_EQ(wrong.substr(at, 10), "cell (2,3)");
    }
}

}  // namespace
}  // namespace dfp16::test
