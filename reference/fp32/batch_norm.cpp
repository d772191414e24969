// Batch norm (contract section 9); statistics and sums in binary64.
#include <cmath>

#include "reference/fp32/operations.h"
#include "reference/fp32/sums.h"

namespace dfp16::fp32 {

namespace {

/// Sum over channel c of term(index of an element).
template <typename Term>
double channel_sum(const Planes& planes, std::int64_t c, const Term& term) {
    double sum = 0.0;
    for (std::int64_t n = 0; n < planes.N; ++n) {
        const std::int64_t first = (n * planes.C + c) * planes.pixels;
        sum += sum_of(planes.pixels, [&, first](std::int64_t i) { return term(first + i); });
    }
    return sum;
}

/// Calls body(index) for the elements of channel c.
template <typename Body>
void for_channel(const Planes& planes, std::int64_t c, const Body& body) {
    for (std::int64_t n = 0; n < planes.N; ++n) {
        const std::int64_t first = (n * planes.C + c) * planes.pixels;
        for (std::int64_t i = first; i < first + planes.pixels; ++i) body(i);
    }
}

/// y = gamma * (x - mean) * invstd + beta over channel c, as one multiplication and one addition.
void write_normalized(const Planes& planes, std::int64_t c, const float* x, double mean, double invstd, float gamma,
                      float beta, float* y) {
    const double a = gamma * invstd;
    const auto scale = static_cast<float>(a);
    const auto shift = static_cast<float>(beta - mean * a);
    for_channel(planes, c, [=](std::int64_t i) { y[i] = x[i] * scale + shift; });
}

}  // namespace

void batch_norm_forward(const Call& call) {
    const auto& params = call.params<BatchNormParams>();
    const Planes planes(call.input_tensor(0).shape);
    const float* x = call.input(0);
    const auto M = static_cast<double>(planes.N * planes.pixels);
    call.pool.parallel_for(planes.C, [&](std::int64_t c, int) {
        const double mean = channel_sum(planes, c, [=](std::int64_t i) { return static_cast<double>(x[i]); }) / M;
        const double var = channel_sum(planes, c, [=](std::int64_t i) { return (x[i] - mean) * (x[i] - mean); }) / M;
        const double invstd = 1.0 / std::sqrt(var + params.epsilon);
        const double unbiased = M > 1.0 ? var * M / (M - 1.0) : var;
        call.output(1)[c] = static_cast<float>(mean);
        call.output(2)[c] = static_cast<float>(invstd);
        const float running_mean = call.input(3)[c];
        const float running_var = call.input(4)[c];
        call.output(3)[c] = static_cast<float>(running_mean + params.momentum * (mean - running_mean));
        call.output(4)[c] = static_cast<float>(running_var + params.momentum * (unbiased - running_var));
        write_normalized(planes, c, x, mean, invstd, call.input(1)[c], call.input(2)[c], call.output(0));
    });
}

void batch_norm_inference(const Call& call) {
    const auto& params = call.params<BatchNormParams>();
    const Planes planes(call.input_tensor(0).shape);
    call.pool.parallel_for(planes.C, [&](std::int64_t c, int) {
        const double invstd = 1.0 / std::sqrt(double{call.input(4)[c]} + params.epsilon);
        write_normalized(planes, c, call.input(0), call.input(3)[c], invstd, call.input(1)[c], call.input(2)[c],
                         call.output(0));
    });
}

void batch_norm_backward(const Call& call) {
    const Planes planes(call.input_tensor(0).shape);
    const float* x = call.input(0);
    const float* dy = call.input(1);
    float* dx = call.output(0);
    const auto M = static_cast<double>(planes.N * planes.pixels);
    call.pool.parallel_for(planes.C, [&](std::int64_t channel, int) {
        const double gamma = call.input(2)[channel];
        const double mean = call.input(3)[channel];
        const double invstd = call.input(4)[channel];
        const double db = channel_sum(planes, channel, [=](std::int64_t i) { return static_cast<double>(dy[i]); });
        const double dg = invstd * channel_sum(planes, channel, [=](std::int64_t i) { return dy[i] * (x[i] - mean); });
        call.output(1)[channel] = static_cast<float>(dg);
        call.output(2)[channel] = static_cast<float>(db);
        // dx = gamma * invstd * (dy - db/M - (x - mean) * invstd * dg/M), as dy * a + x * b + c
        const double a = gamma * invstd;
        const double b = -a * invstd * dg / M;
        const double c = -a * db / M - b * mean;
        for_channel(planes, channel,
                    [=, fa = static_cast<float>(a), fb = static_cast<float>(b),
                     fc = static_cast<float>(c)](std::int64_t i) { dx[i] = dy[i] * fa + (x[i] * fb + fc); });
    });
}

}  // namespace dfp16::fp32
