// The comparer: equality of bits.
#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "reference/compare.h"

namespace dfp16 {
namespace {

HostTensor fp32_tensor(std::vector<float> values) {
    HostTensor tensor(ElementType::fp32, Shape{static_cast<std::int64_t>(values.size())});
    tensor.fp32() = std::move(values);
    return tensor;
}

TEST(Compare, EqualBitsAreEqual) {
    const float nan = std::bit_cast<float>(0x7FC12345u);
    const HostTensor a = fp32_tensor({0.0f, -0.0f, nan, std::numeric_limits<float>::infinity()});
    EXPECT_FALSE(compare(a, a));
}

TEST(Compare, ZerosOfDifferentSignDiffer) {
    const auto difference = compare(fp32_tensor({1.0f, 0.0f}), fp32_tensor({1.0f, -0.0f}));
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->differing_elements, 1);
    EXPECT_EQ(difference->differing_bits, 1);
    EXPECT_EQ(difference->first_index, 1);
}

TEST(Compare, NaNsOfDifferentBitsDiffer) {
    const auto difference =
        compare(fp32_tensor({std::bit_cast<float>(0x7FC00000u)}), fp32_tensor({std::bit_cast<float>(0x7FC00001u)}));
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->differing_bits, 1);
}

TEST(Compare, FindsEverySingleBit) {
    for (const ElementType type :
         {ElementType::mantissa, ElementType::accumulator, ElementType::fp32, ElementType::label}) {
        const HostTensor expected(type, Shape{2, 3, 4, 5});
        for (std::int64_t i = 0; i < expected.elements(); i += 7) {
            for (int bit = 0; bit < expected.element_bits(); ++bit) {
                HostTensor got = expected;
                got.flip_bit(i, bit);
                const auto difference = compare(expected, got);
                ASSERT_TRUE(difference);
                EXPECT_EQ(difference->first_index, i);
                EXPECT_EQ(difference->differing_elements, 1);
                EXPECT_EQ(difference->differing_bits, 1);
                EXPECT_FALSE(difference->exponent_differs);
            }
        }
    }
}

TEST(Compare, CountsElementsAndBits) {
    const HostTensor expected(ElementType::mantissa, Shape{8});
    HostTensor got = expected;
    got.mantissas()[3].value = 3;
    got.mantissas()[7].value = -1;
    const auto difference = compare(expected, got);
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->first_index, 3);
    EXPECT_EQ(difference->differing_elements, 2);
    EXPECT_EQ(difference->differing_bits, 2 + 16);
}

TEST(Compare, ExponentsCountForIntegersOnly) {
    for (const ElementType type : {ElementType::mantissa, ElementType::accumulator}) {
        const HostTensor expected(type, Shape{2});
        HostTensor got = expected;
        got.exponent = {4};
        const auto difference = compare(expected, got);
        ASSERT_TRUE(difference);
        EXPECT_TRUE(difference->exponent_differs);
        EXPECT_EQ(difference->differing_bits, 1);
        EXPECT_EQ(difference->differing_elements, 0);
        EXPECT_EQ(describe("y", "i", expected, got, *difference),
                  "y: expected exponent 0, got exponent 4; 0 of 2 elements differ");
    }
    HostTensor got(ElementType::fp32, Shape{2});
    got.exponent = {4};
    EXPECT_FALSE(compare(HostTensor(ElementType::fp32, Shape{2}), got));
}

TEST(Compare, TypeAndShapeDiffer) {
    const HostTensor expected(ElementType::fp32, Shape{2, 3});
    for (const HostTensor& got :
         {HostTensor(ElementType::fp32, Shape{3, 2}), HostTensor(ElementType::accumulator, Shape{2, 3})}) {
        const auto difference = compare(expected, got);
        ASSERT_TRUE(difference);
        EXPECT_TRUE(difference->layout_differs);
        EXPECT_EQ(difference->differing_elements, 6);
    }
}

TEST(Compare, DescribesCoordinatesHexAndDecimal) {
    HostTensor expected(ElementType::fp32, Shape{1, 4, 2, 8});
    expected.fp32()[3 * 16 + 8 + 7] = 1.0f;
    HostTensor got = expected;
    got.flip_bit(3 * 16 + 8 + 7, 0);
    EXPECT_EQ(describe("y", "n,k,p,q", expected, got, *compare(expected, got)),
              "y at (n,k,p,q)=(0,3,1,7): expected 0x3f800000 (1), got 0x3f800001 (1.0000001); 1 of 64 elements differ");

    HostTensor mantissas(ElementType::mantissa, Shape{2});
    mantissas.exponent = {-7};
    HostTensor flipped = mantissas;
    flipped.flip_bit(1, 15);
    EXPECT_EQ(describe("y", "", mantissas, flipped, *compare(mantissas, flipped)),
              "y at (1): expected 0x0000 (0), got 0x8000 (-32768); exponent -7 in both; 1 of 2 elements differ");
}

}  // namespace
}  // namespace dfp16
