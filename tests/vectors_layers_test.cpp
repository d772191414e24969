// Layers in golden files: operations that take INT16 and FP32, and params that older files do not hold.
#include <gtest/gtest.h>

#include "fastpath/backend.h"
#include "tests/vectors_helpers.h"
#include "vectors/float_data.h"
#include "vectors/params_json.h"
#include "vectors/tensor_data.h"
#include "vectors/verify.h"

namespace dfp16 {
namespace {

/// A case of the header with drawn inputs and golden's outputs.
Case filled(const CaseHeader& header) {
    Case made{header, {}, {}};
    made.name = name_of(header.op);
    std::uint32_t stream = 0;
    for (const Operand& operand : operands_of(made).inputs) {
        made.inputs.push_back(operand.type == ElementType::fp32
                                  ? float_tensor(FloatFill::bell, operand.shape, 0, {}, stream)
                                  : mantissa_tensor(Fill::bell, operand.shape, 1, {}, stream));
        ++stream;
    }
    made.outputs = run(made, *make_golden_backend(1));
    return made;
}

CaseHeader header_of(OpKind op, const OpParams& params, const Shape& extent,
                     ElementType element = ElementType::mantissa, ElementType y_element = ElementType::mantissa) {
    CaseHeader header;
    header.op = op;
    header.params = params;
    header.extent = extent;
    header.element = element;
    header.y_element = y_element;
    return header;
}

/// Every operation that takes tensors of either type, in each of its forms.
std::vector<CaseHeader> mixed_headers() {
    constexpr Accumulation kFma = {Policy::fma, 64};
    const Shape shape = {3, 17, 4, 5};
    std::vector<CaseHeader> headers = {
        header_of(OpKind::fc_forward, FcParams{3, 340, 5, kFma}, shape),
        header_of(OpKind::fc_backward_data, FcParams{3, 340, 5, kFma}, shape),
        header_of(OpKind::fc_weight_gradient, FcParams{3, 340, 5, kFma}, shape),
    };
    for (const ElementType type : {ElementType::mantissa, ElementType::fp32}) {
        headers.push_back(header_of(OpKind::bias_gradient, NoParams{}, shape, type));
        headers.push_back(header_of(OpKind::relu_forward, NoParams{}, shape, type));
        for (const ElementType y_type : {ElementType::mantissa, ElementType::fp32}) {
            headers.push_back(header_of(OpKind::relu_backward, NoParams{}, shape, type, y_type));
        }
    }
    return headers;
}

TEST(LayerFiles, MixedTypesAreWrittenReadAndVerified) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("a.h5");
    std::vector<Case> cases;
    for (const CaseHeader& header : mixed_headers()) cases.push_back(filled(header));
    test::write_file(path, cases);
    const std::vector<Case> read = test::read_file(path);
    ASSERT_EQ(read.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_EQ(read[i].element, cases[i].element) << cases[i].name;
        EXPECT_EQ(read[i].y_element, cases[i].y_element) << cases[i].name;
    }
    const auto golden = make_golden_backend(1);
    for (const fast::Isa isa : fast::supported_isas()) {
        const auto kernel = fast::make_backend(isa, 2);
        for (const Mismatch& mismatch : verify_file(path, *golden, {kernel.get()}, {}).mismatches)
            ADD_FAILURE() << text_of(mismatch);
    }
}

/// What header_of() takes from the tensors of an operation is what the case was made of.
TEST(LayerFiles, HeadersFollowFromTheTensors) {
    std::vector<Case> cases;
    for (const CaseHeader& header : mixed_headers()) cases.push_back(filled(header));
    for (const std::string& suite : suite_names()) {
        for (std::size_t i = 0; i < make_suite(suite, 1).size(); i += 37) cases.push_back(test::case_of(suite, i));
    }
    for (const Case& c : cases) {
        const CaseHeader header = header_of(c.op, c.params, c.context, c.inputs, c.outputs);
        EXPECT_EQ(params_to_json(header), params_to_json(c)) << c.name;
    }
}

struct Older {
    OpKind op;
    const char* params;
    const char* newer;  ///< what is written now
};

TEST(LayerFiles, ParamsOfOlderFilesHaveDefaults) {
    const Older older[] = {
        {OpKind::max_pool_forward, R"({"N":1,"C":1,"H":5,"W":5,"R":2,"S":2,"P":2,"Q":2,"stride":[2,2],"pad":[0,0]})",
         R"({"N":1,"C":1,"H":5,"W":5,"R":2,"S":2,"P":2,"Q":2,"stride":[2,2],"pad":[0,0],"size":"floor"})"},
        {OpKind::softmax_backward, R"({"shape":[2,3]})", R"({"shape":[2,3],"weight":1E0})"},
        {OpKind::bias_gradient, R"({"shape":[2,3]})", R"({"shape":[2,3],"type":"int16"})"},
        {OpKind::relu_backward, R"({"shape":[2,3],"type":"int16"})",
         R"({"shape":[2,3],"type":"int16","y_type":"int16"})"},
        {OpKind::relu_backward, R"({"shape":[2,3],"type":"fp32"})", R"({"shape":[2,3],"type":"fp32","y_type":"fp32"})"},
    };
    for (const Older& o : older) {
        CaseHeader header;
        header.op = o.op;
        params_from_json(o.params, header);
        operands_of(header);
        EXPECT_EQ(params_to_json(header), o.newer);
    }
}

TEST(LayerFiles, TypesThatAreNoneAreErrors) {
    for (const auto& [op, params, message] :
         {std::tuple{OpKind::bias_gradient, R"({"shape":[2,3],"type":"int32"})",
                     "params: 'type' is 'int32', expected int16 or fp32"},
          {OpKind::relu_backward, R"({"shape":[2,3]})", "params: 'type' is missing, expected it"},
          {OpKind::relu_backward, R"({"shape":[2,3],"type":"fp32","y_type":"label"})",
           "params: 'y_type' is 'label', expected int16 or fp32"}}) {
        CaseHeader header;
        header.op = op;
        EXPECT_EQ(test::error_of([&, text = params] { params_from_json(text, header); }), message);
    }
}

}  // namespace
}  // namespace dfp16
