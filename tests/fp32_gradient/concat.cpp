// Concatenation of the FP32 twin.
#include <gtest/gtest.h>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

/// Element i of part p is whole[index_of[p][i]].
std::vector<std::vector<std::size_t>> indices_of(const Shape& whole, const std::vector<std::int64_t>& channels) {
    std::vector<std::vector<std::size_t>> index_of(channels.size());
    for (std::int64_t i = 0; i < whole.elements(); ++i) {
        std::int64_t channel = i / (whole[2] * whole[3]) % whole[1];
        std::size_t part = 0;
        while (channel >= channels[part]) channel -= channels[part++];
        index_of[part].push_back(static_cast<std::size_t>(i));
    }
    return index_of;
}

GRADIENT_TEST(Fp32Concat, OpKind::concat_forward, OpKind::concat_backward) {
    for (const std::vector<std::int64_t>& channels :
         std::vector<std::vector<std::int64_t>>{{2, 5, 1, 3}, {1, 1}, {4}}) {
        std::int64_t C = 0;
        for (const std::int64_t count : channels) C += count;
        const Shape whole = {3, C, 2, 5};
        const auto index_of = indices_of(whole, channels);
        const Values dy = random_values(whole.elements(), 99);
        std::vector<Values> parts;
        std::vector<HostTensor> inputs;
        std::vector<Shape> shapes;
        for (std::size_t part = 0; part < channels.size(); ++part) {
            shapes.push_back({3, channels[part], 2, 5});
            parts.push_back(random_values(shapes[part].elements(), static_cast<std::uint32_t>(part)));
            inputs.push_back(tensor_of(shapes[part], parts[part]));
        }
        const auto forward = [&](std::size_t changed, const Values& values) {
            Values y(static_cast<std::size_t>(whole.elements()));
            for (std::size_t part = 0; part < parts.size(); ++part) {
                const Values& x = part == changed ? values : parts[part];
                for (std::size_t i = 0; i < x.size(); ++i) y[index_of[part][i]] = x[i];
            }
            return y;
        };
        const ConcatParams params{channels, {}};
        expect_near(run_operation(OpKind::concat_forward, params, inputs, {whole})[0], forward(0, parts[0]), 1e-7, "y");
        const auto gradients = run_operation(OpKind::concat_backward, params, {tensor_of(whole, dy)}, shapes);
        for (std::size_t part = 0; part < parts.size(); ++part) {
            expect_gradient(
                gradients[part], [&](const Values& v) { return forward(part, v); }, parts[part], dy, "part");
        }
    }
}

}  // namespace
}  // namespace dfp16::test
