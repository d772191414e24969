// Planted differences are told in the expected words, and not in others.
#include "vectors/triage/patterns.h"

#include <bit>
#include <cmath>

#include "tests/triage_helpers.h"

namespace dfp16 {
namespace {

using Mask = std::function<bool(std::int64_t n, std::int64_t k, std::int64_t p, std::int64_t q)>;
using Change = std::function<void(HostTensor& got, std::size_t index)>;

/// Beyond what any value pattern takes for one thing.
void scramble(HostTensor& got, std::size_t index) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(got.fp32()[index]) ^ (0x123 + 7 * std::uint32_t(index));
    got.fp32()[index] = std::bit_cast<float>(bits);
}

class TriagePatterns : public testing::Test {
protected:
    /// y of (2, 37, 7, 6).
    TriagePatterns() : failing_(test::conv_case(OpKind::conv_forward, kConv)), expected_(run(failing_, *golden_)) {
        got_ = expected_;
    }

    std::vector<std::string> lines_of() {
        return triage::patterns_of(triage::Evidence(failing_, expected_, got_, *golden_), true);
    }

    std::vector<std::string> lines(const Mask& mask, const Change& change = scramble) {
        got_ = expected_;
        const Shape& shape = got_[0].shape;
        std::size_t index = 0;
        for (std::int64_t n = 0; n < shape[0]; ++n) {
            for (std::int64_t k = 0; k < shape[1]; ++k) {
                for (std::int64_t p = 0; p < shape[2]; ++p) {
                    for (std::int64_t q = 0; q < shape[3]; ++q, ++index) {
                        if (mask(n, k, p, q)) change(got_[0], index);
                    }
                }
            }
        }
        return lines_of();
    }

    static void expect(const std::vector<std::string>& lines, const std::string& line, bool there = true) {
        std::string all;
        for (const std::string& one : lines) all += one + "\n";
        EXPECT_EQ(std::find(lines.begin(), lines.end(), line) != lines.end(), there) << "line: " << line << "\nof:\n"
                                                                                     << all;
    }

    static inline const ConvParams kConv{2, 3, 7, 6, 37, 3, 3, 0, 0, {1, 1}, {1, 1}, 1, {Policy::exact, 64}};
    std::unique_ptr<Backend> golden_ = make_golden_backend(1);
    Case failing_;
    std::vector<HostTensor> expected_, got_;
};

TEST_F(TriagePatterns, Counts) {
    expect(lines([](auto, auto, auto, auto) { return true; }), "y: all 3108 elements differ");
    expect(lines([](auto n, auto k, auto p, auto q) { return n == 1 && k == 2 && p == 3 && q < 2; }),
           "y: 2 of 3108 elements differ, the first at (1,2,3,0)");
}

TEST_F(TriagePatterns, OneCoordinate) {
    expect(lines([](auto, auto k, auto, auto) { return k == 5; }), "all of k = 5");
    expect(lines([](auto n, auto, auto, auto) { return n == 1; }), "all of n = 1 (the last)");
    expect(lines([](auto, auto, auto p, auto) { return p == 0; }), "all of p = 0 (the first)");
    expect(lines([](auto n, auto, auto, auto q) { return q == 2 && n == 0; }), "only q = 2");
}

TEST_F(TriagePatterns, BlocksAndTails) {
    expect(lines([](auto, auto k, auto, auto) { return k >= 16 && k < 32; }),
           "only k from 16 to 31: within one block of 16");
    expect(lines([](auto, auto k, auto, auto) { return k < 32; }), "only k from 0 to 31: within one block of 32");
    expect(lines([](auto, auto k, auto, auto) { return k >= 32; }),
           "only k of 32 and more: the tail beyond the last whole block of 16");
    expect(lines([](auto, auto k, auto, auto) { return k % 16 == 3; }), "only every 16th k, from 3");
    expect(lines([](auto, auto k, auto, auto) { return k % 4 == 1; }), "only every 4th k, from 1");
}

TEST_F(TriagePatterns, Borders) {
    expect(lines([](auto, auto, auto p, auto) { return p == 0 || p == 6; }), "all of the first and the last p");
    const auto border = [](auto, auto, auto p, auto q) { return p == 0 || p == 6 || q == 0 || q == 5; };
    expect(lines(border), "exactly the borders of each plane: first and last row and column");
    expect(lines(border), "exactly where the window meets padding");
    expect(lines([&](auto n, auto k, auto p, auto q) { return k == 4 && border(n, k, p, q); }),
           "only the borders of each plane: first and last row and column");
    expect(lines([](auto, auto, auto p, auto q) { return p == 3 && q == 3; }), "exactly where the window meets padding",
           false);
}

TEST_F(TriagePatterns, Signs) {
    const auto negative = [this](std::size_t i) { return expected_[0].fp32()[i] < 0; };
    const Mask all = [](auto, auto, auto, auto) { return true; };
    expect(lines(all,
                 [&](HostTensor& got, std::size_t i) {
                     if (negative(i)) scramble(got, i);
                 }),
           "only where a negative value is expected");
    expect(lines(all,
                 [&](HostTensor& got, std::size_t i) {
                     if (!negative(i)) scramble(got, i);
                 }),
           "only where a negative value is expected", false);
    expect(lines(all, [](HostTensor& got, std::size_t i) { got.fp32()[i] = -got.fp32()[i]; }), "sign flipped in each");
}

TEST_F(TriagePatterns, Units) {
    const Mask all = [](auto, auto, auto, auto) { return true; };
    expect(lines(all, [](HostTensor& got, std::size_t i) { got.fp32()[i] = std::nextafter(got.fp32()[i], 0.0f); }),
           "off by one ulp each, toward zero");
    expect(lines(all, [](HostTensor& got, std::size_t i) { got.fp32()[i] = std::nextafter(got.fp32()[i], INFINITY); }),
           "off by one ulp each, upward");
}

TEST_F(TriagePatterns, KindsOfValues) {
    const Mask some = [](auto, auto k, auto, auto) { return k % 3 == 0; };
    const auto becomes = [](float value) { return [value](HostTensor& got, std::size_t i) { got.fp32()[i] = value; }; };
    expect(lines(some, becomes(0)), "got zero in each");
    expect(lines(some, becomes(NAN)), "got NaN in each");
    expect(lines(some, becomes(INFINITY)), "got an infinity in each");
    expect(lines(some, becomes(2.5f)), "got the same value in each: 2.5");
    expect(lines(some, [](HostTensor& got, std::size_t i) { got.fp32()[i] /= 16; }),
           "got 2^-4 times what is expected in each");
    expect(lines(some, [](HostTensor& got, std::size_t i) { got.fp32()[i] *= i % 2 == 0 ? 2 : 4; }),
           "only the exponent bits differ");
}

TEST_F(TriagePatterns, Moves) {
    const Mask all = [](auto, auto, auto, auto) { return true; };
    const auto from = [this](std::int64_t step) {
        return [this, step](HostTensor& got, std::size_t i) {
            const auto at = static_cast<std::int64_t>(i) + step;
            if (at >= 0 && at < got.elements()) got.fp32()[i] = expected_[0].fp32()[static_cast<std::size_t>(at)];
        };
    };
    expect(lines(all, from(1)), "got what is expected one further along n,k,p,q (axis 3)");
    expect(lines(all, from(-6)), "got what is expected one before along n,k,p,q (axis 2)");
    expect(lines(all, scramble), "got what is expected one further along n,k,p,q (axis 3)", false);
}

TEST_F(TriagePatterns, Transposed) {
    failing_ = test::gemm_case(6, 6, 5, Policy::exact);
    expected_ = run(failing_, *golden_);
    got_ = expected_;
    for (std::size_t i = 0; i < 36; ++i) got_[0].fp32()[i] = expected_[0].fp32()[i % 6 * 6 + i / 6];
    expect(lines_of(), "got each plane transposed");
}

TEST_F(TriagePatterns, Overflow) {
    failing_ = test::gemm_case(6, 7, 40, Policy::wrap, 64, 32767);
    for (std::size_t i = 0; i < 40; ++i) failing_.inputs[0].mantissas()[i].value = 1;  // row 0 stays small
    OverflowLog log;
    expected_ = run(failing_, *make_golden_backend(1, &log));
    got_ = expected_;
    ASSERT_GT(log.begin()->second.overflowed, 0);
    for (std::size_t i = 7; i < 42; ++i) {
        std::int64_t sum = 0;
        bool left = false;
        for (std::size_t k = 0; k < 40; ++k) {
            sum += std::int64_t{failing_.inputs[0].mantissas()[i / 7 * 40 + k].value} *
                   failing_.inputs[1].mantissas()[k * 7 + i % 7].value;
            left = left || (k % 2 == 1 && sum != static_cast<std::int32_t>(sum));
        }
        if (left) got_[0].accumulators()[i].value ^= 0x1234;
    }
    expect(lines_of(), "exactly where a partial sum leaves INT32");
}

TEST_F(TriagePatterns, TiesAndExponents) {
    failing_ = test::elementwise_case(OpKind::add, AddParams{}, 64, 1000);
    for (std::size_t i = 0; i < 64; ++i) {
        failing_.inputs[0].mantissas()[i].value = 32766;
        failing_.inputs[1].mantissas()[i].value = static_cast<std::int16_t>(i);
    }
    expected_ = run(failing_, *golden_);
    got_ = expected_;
    ASSERT_EQ(expected_[0].exponent.value, 3);  // v = 32766 + i, shifted by 3: a tie where v mod 8 is 4
    for (std::size_t i = 0; i < 64; ++i) {
        if ((32766 + i) % 8 == 4) ++got_[0].mantissas()[i].value;
    }
    const std::vector<std::string> found = lines_of();
    expect(found, "exactly where the rounding is a tie");
    expect(found, "off by one each, away from zero");
    expect(found, "only every 8th i, from 6");
    got_ = expected_;
    got_[0].exponent.value -= 2;
    const std::vector<std::string> exponents = lines_of();
    expect(exponents, "y: only the exponent differs");
    expect(exponents, "the exponent is 1 instead of 3: too small by 2");
}

TEST_F(TriagePatterns, PlacesInARow) {
    failing_ = test::elementwise_case(OpKind::dequantize, NoParams{}, 100);
    expected_ = run(failing_, *golden_);
    const auto with = [&](std::size_t begin, std::size_t end) {
        got_ = expected_;
        for (std::size_t i = begin; i < end; ++i) scramble(got_[0], i);
        return lines_of();
    };
    expect(with(97, 100), "the last 3 elements");
    expect(with(99, 100), "only the very last element");
    expect(with(20, 60), "elements 20 to 59 in a row");
    expect(with(96, 100), "only i of 96 and more: the tail beyond the last whole block of 16");
}

TEST_F(TriagePatterns, OtherOutputsAreCounted) {
    Case& made = failing_ = Case{};
    made.op = OpKind::sgd_update;
    made.params = SgdParams{};
    made.extent = Shape{10};
    made.context.learning_rate = 0.5f;
    made = test::random_case(made, 1);
    expected_ = run(made, *golden_);
    got_ = expected_;
    got_[1].fp32()[4] = 3.0f;
    const std::vector<std::string> found = lines_of();
    expect(found, "w: right");
    expect(found, "v: 1 of 10 elements differ, the first at (4)");
}

}  // namespace
}  // namespace dfp16
