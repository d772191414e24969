// Classes of golden cases: every case of every suite has some, and they say what the case is.
#include "vectors/case_class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "vectors/suite.h"

namespace dfp16 {
namespace {

bool has(const CaseHeader& header, const std::string& name) {
    const std::vector<std::string> classes = classes_of(header);
    return std::find(classes.begin(), classes.end(), name) != classes.end();
}

/// Of its values, beside what is said of any case.
bool names_values(const CaseHeader& header) {
    const std::vector<std::string> classes = classes_of(header);
    return std::any_of(classes.begin(), classes.end(), [](const std::string& name) {
        for (const char* of_any :
             {"ordinary scale", "scale ", "width ", "mask ", "rounding ", "headroom ", "policy "}) {
            if (name.starts_with(of_any)) return false;
        }
        return true;
    });
}

CaseHeader conv_header(const std::string& name, const ConvParams& params) {
    CaseHeader header;
    header.op = OpKind::conv_forward;
    header.name = name;
    header.params = params;
    return header;
}

TEST(CaseClass, EveryCaseOfEverySuiteHasValues) {
    std::map<std::string, int> hits;
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        ASSERT_GT(suite.size(), 0u);
        for (std::size_t i = 0; i < suite.size(); ++i) {
            const Case made = suite.make(i, 1);
            EXPECT_TRUE(names_values(made)) << name << ": " << made.name;
            for (const std::string& c : classes_of(made)) ++hits[c];
        }
    }
    for (const char* name :
         {"bell", "ties", "subnormal", "sum-at-2^31", "walking-ones", "scale subnormal", "stride h != w", "groups",
          "one pixel", "tail of 16 in C", "odd channels", "edge of INT32", "ceil"}) {
        EXPECT_GT(hits[name], 0) << name;
    }
}

TEST(CaseClass, PlainAndCornerCasesInEverySuite) {
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, 1);
        int corners = 0;
        int plain = 0;
        for (std::size_t i = 0; i < suite.size(); ++i) ++(is_corner_case(suite.make(i, 1)) ? corners : plain);
        EXPECT_GT(corners, 0) << name;
        EXPECT_GT(plain, 0) << name;
    }
}

TEST(CaseClass, NamesOfOperandsAndScales) {
    const ConvParams params{1, 16, 4, 4, 16, 3, 3, 4, 4, {1, 1}, {1, 1}, 1, {Policy::exact, 64}};
    ConvParams fma = params;
    fma.accumulation.policy = Policy::fma;
    EXPECT_FALSE(is_corner_case(conv_header("forward/n1c16k16-3x3-pad1x1/bell-h0-h1/exact", params)));
    EXPECT_TRUE(has(conv_header("forward/n1c16k16-3x3-pad1x1/bell-h2/subnormal/exact", params), "scale subnormal"));
    EXPECT_TRUE(has(conv_header("forward/n1c16k16-3x3-pad1x1/subnormal-bell/fma", fma), "subnormal"));
    EXPECT_TRUE(has(conv_header("forward/n1c16k16-3x3-pad1x1/subnormal-bell/fma", fma), "bell"));
    EXPECT_FALSE(has(conv_header("forward/n1c16k16-3x3-pad1x1/subnormal-bell/fma", fma), "ordinary-scale"));
    EXPECT_TRUE(has(conv_header("forward/n1c16k16-3x3-pad1x1/sum-at-2^31-h0/exact", params), "sum-at-2^31"));
    EXPECT_TRUE(is_corner_class("sum-at-2^31"));
}

TEST(CaseClass, Geometry) {
    const ConvParams params{2, 9, 5, 5, 15, 3, 1, 2, 5, {2, 1}, {0, 0}, 3, {Policy::wrap, 64}};
    const CaseHeader header = conv_header("forward/x/uniform-h2/wrap", params);
    for (const char* name : {"tail of 16 in C", "odd channels", "groups", "several images", "stride", "stride h != w",
                             "window h != w", "policy wrap", "uniform", "ordinary scale"}) {
        EXPECT_TRUE(has(header, name)) << name;
    }
    for (const char* name : {"padding", "one pixel", "depthwise"}) EXPECT_FALSE(has(header, name)) << name;
}

}  // namespace
}  // namespace dfp16
