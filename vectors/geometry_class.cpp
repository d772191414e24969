#include "vectors/geometry_class.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "vectors/operands.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kBlock = 16;  // channels, of the contract's order

class Classes {
public:
    void add(bool holds, const std::string& name) {
        if (holds) names_.push_back(name);
    }
    /// Channels, or one side of a matrix.
    void channels(std::int64_t count, const std::string& letter) {
        add(count % kBlock != 0, "tail of 16 in " + letter);
        add(count > kBlock, "several blocks in " + letter);
        add(count == 1, "one in " + letter);
    }
    void window(const std::array<std::int64_t, 2>& size, const std::array<std::int64_t, 2>& stride,
                const std::array<std::int64_t, 2>& pad) {
        add(size[0] != size[1], "window h != w");
        add(stride[0] != 1 || stride[1] != 1, "stride");
        add(stride[0] != stride[1], "stride h != w");
        add(stride[0] > size[0] || stride[1] > size[1], "stride beyond window");
        add(pad[0] != 0 || pad[1] != 0, "padding");
        add(pad[0] != pad[1], "pad h != w");
        add(pad[0] >= size[0] || pad[1] >= size[1], "padding as large as window");
    }
    /// Whether rows or columns at the end of the input lie in no window.
    void rest(std::int64_t size, std::int64_t window_size, std::int64_t stride, std::int64_t pad,
              std::int64_t outputs) {
        const std::int64_t end = (outputs - 1) * stride - pad + window_size;
        add(end < size, "input beyond last window");
        add(end > size + pad, "clipped window");
    }
    std::vector<std::string> take() { return std::move(names_); }

private:
    std::vector<std::string> names_;
};

std::vector<std::string> classes_of(const ConvParams& p) {
    Classes classes;
    classes.channels(p.C / p.groups, "C");
    classes.channels(p.K / p.groups, "K");
    classes.add(p.C / p.groups % 2 == 1 || p.K / p.groups % 2 == 1, "odd channels");
    classes.add(p.groups > 1, "groups");
    classes.add(p.groups > 1 && p.groups == p.C, "depthwise");
    classes.add(p.N > 1, "several images");
    classes.add(p.Q % 2 == 1, "odd rows");
    classes.add(p.P * p.Q == 1, "one pixel");
    classes.add(p.H != p.W, "image h != w");
    classes.window({p.R, p.S}, p.stride, p.pad);
    classes.rest(p.H, p.R, p.stride[0], p.pad[0], p.P);
    classes.rest(p.W, p.S, p.stride[1], p.pad[1], p.Q);
    return classes.take();
}

std::vector<std::string> classes_of(const PoolParams& p) {
    Classes classes;
    classes.channels(p.C, "C");
    classes.add(p.N > 1, "several images");
    classes.add(p.P * p.Q == 1, "one pixel");
    classes.add(p.H != p.W, "image h != w");
    classes.add(p.R > p.H || p.S > p.W, "window beyond input");
    classes.add(p.size == SizeRounding::ceil, "ceil");
    classes.add(p.stride[0] < p.R || p.stride[1] < p.S, "windows overlap");
    classes.window({p.R, p.S}, p.stride, p.pad);
    classes.rest(p.H, p.R, p.stride[0], p.pad[0], p.P);
    classes.rest(p.W, p.S, p.stride[1], p.pad[1], p.Q);
    return classes.take();
}

std::vector<std::string> classes_of(const GemmParams& p) {
    Classes classes;
    classes.channels(p.M, "M");
    classes.channels(p.N, "N");
    classes.add(p.K % 2 == 1, "odd sum");
    classes.add(p.K == 1, "one product");
    return classes.take();
}

std::vector<std::string> classes_of(const FcParams& p) {
    Classes classes;
    classes.channels(p.C, "C");
    classes.channels(p.K, "K");
    classes.add(p.C % 2 == 1 || p.K % 2 == 1 || p.N % 2 == 1, "odd sum");
    classes.add(p.N == 1, "one image");
    return classes.take();
}

/// Of layers that see (N, C, pixels).
std::vector<std::string> classes_of_planes(const Shape& shape) {
    const std::int64_t channels = shape.rank() > 1 ? shape[1] : 1;
    const std::int64_t pixels = shape.elements() / (shape[0] * channels);
    Classes classes;
    classes.channels(channels, "C");
    classes.add(pixels == 1, "one pixel");
    classes.add(shape[0] * pixels == 1, "one element a channel");
    return classes.take();
}

std::vector<std::string> classes_of_elements(const Shape& shape) {
    Classes classes;
    classes.add(shape.elements() % kBlock != 0, "tail of 16 elements");
    classes.add(shape.elements() == 1, "one element");
    return classes.take();
}

bool sees_channels(OpKind op) {
    constexpr std::array kOps = {OpKind::bias_forward,         OpKind::bias_gradient,       OpKind::lrn_forward,
                                 OpKind::lrn_backward,         OpKind::concat_forward,      OpKind::batch_norm_forward,
                                 OpKind::batch_norm_inference, OpKind::batch_norm_backward, OpKind::concat_backward};
    return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

}  // namespace

std::vector<std::string> geometry_classes_of(const CaseHeader& header) {
    if (const auto* conv = std::get_if<ConvParams>(&header.params)) return classes_of(*conv);
    if (const auto* pool = std::get_if<PoolParams>(&header.params)) return classes_of(*pool);
    if (const auto* gemm = std::get_if<GemmParams>(&header.params)) return classes_of(*gemm);
    if (const auto* fc = std::get_if<FcParams>(&header.params)) return classes_of(*fc);
    if (is_instruction(header.op) || header.extent.rank() == 0) return {};
    return sees_channels(header.op) ? classes_of_planes(header.extent) : classes_of_elements(header.extent);
}

}  // namespace dfp16
