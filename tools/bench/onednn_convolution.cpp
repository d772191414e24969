#include "tools/bench/onednn_convolution.h"

#ifdef DFP16_HAS_ONEDNN

#include <omp.h>

#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

namespace dfp16::bench {

namespace {

using dnnl::memory;

memory::desc any_layout(const memory::dims& dims) {
    return {dims, memory::data_type::f32, memory::format_tag::any};
}

/// Descriptors of one convolution's tensors.
struct Tensors {
    explicit Tensors(const ConvParams& c)
        : x(any_layout({c.N, c.C, c.H, c.W})),
          w(c.groups == 1 ? any_layout({c.K, c.C, c.R, c.S})
                          : any_layout({c.groups, c.K / c.groups, c.C / c.groups, c.R, c.S})),
          y(any_layout({c.N, c.K, c.P, c.Q})),
          stride{c.stride[0], c.stride[1]},
          pad{c.pad[0], c.pad[1]},
          // What the last window leaves over at the far ends counts as less padding.
          pad_end{(c.P - 1) * c.stride[0] + c.R - c.H - c.pad[0], (c.Q - 1) * c.stride[1] + c.S - c.W - c.pad[1]} {}

    memory::desc x, w, y;
    memory::dims stride, pad, pad_end;
};

}  // namespace

struct OnednnConvolution::Primitive {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;

    memory filled(const memory::desc& layout) {
        memory tensor(layout, engine);
        std::memset(tensor.get_data_handle(), 0x3F, layout.get_size());  // 0.747, no special number
        return tensor;
    }
};

bool has_onednn() {
    return true;
}

OnednnConvolution::OnednnConvolution(const ConvParams& conv, Pass pass, int threads)
    : primitive_(std::make_unique<Primitive>()) {
    omp_set_num_threads(threads);
    Primitive& p = *primitive_;
    const Tensors t(conv);
    constexpr auto algorithm = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, algorithm, t.x, t.w, t.y, t.stride, t.pad, t.pad_end}, p.engine);
    if (pass == Pass::forward) {
        p.primitive = dnnl::convolution_forward(forward);
        p.arguments = {{DNNL_ARG_SRC, p.filled(forward.src_desc())},
                       {DNNL_ARG_WEIGHTS, p.filled(forward.weights_desc())},
                       {DNNL_ARG_DST, p.filled(forward.dst_desc())}};
    } else if (pass == Pass::backward_data) {
        const dnnl::convolution_backward_data::primitive_desc backward(
            {algorithm, t.x, t.w, t.y, t.stride, t.pad, t.pad_end}, p.engine, forward);
        p.primitive = dnnl::convolution_backward_data(backward);
        p.arguments = {{DNNL_ARG_DIFF_SRC, p.filled(backward.diff_src_desc())},
                       {DNNL_ARG_WEIGHTS, p.filled(backward.weights_desc())},
                       {DNNL_ARG_DIFF_DST, p.filled(backward.diff_dst_desc())}};
    } else {
        const dnnl::convolution_backward_weights::primitive_desc backward(
            {algorithm, t.x, t.w, t.y, t.stride, t.pad, t.pad_end}, p.engine, forward);
        p.primitive = dnnl::convolution_backward_weights(backward);
        p.arguments = {{DNNL_ARG_SRC, p.filled(backward.src_desc())},
                       {DNNL_ARG_DIFF_WEIGHTS, p.filled(backward.diff_weights_desc())},
                       {DNNL_ARG_DIFF_DST, p.filled(backward.diff_dst_desc())}};
    }
}

OnednnConvolution::~OnednnConvolution() = default;

void OnednnConvolution::run() {
    primitive_->primitive.execute(primitive_->stream, primitive_->arguments);
    primitive_->stream.wait();
}

void OnednnConvolution::rest() {
    omp_pause_resource_all(omp_pause_soft);
}

}  // namespace dfp16::bench

#else

#include "sim/types/error.h"

namespace dfp16::bench {

struct OnednnConvolution::Primitive {};

bool has_onednn() {
    return false;
}

OnednnConvolution::OnednnConvolution(const ConvParams&, Pass, int) {
    throw InputError("built without oneDNN (Debian: libdnnl-dev)");
}

OnednnConvolution::~OnednnConvolution() = default;

void OnednnConvolution::run() {}

void OnednnConvolution::rest() {}

}  // namespace dfp16::bench

#endif
