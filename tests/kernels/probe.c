/* A kernel library that takes every operation, checks that what it is given fits together, reads all of its inputs, and
 * answers zeros. DFP16_PROBE_LAYOUT is the layout that it asks for. Errors are the numbers of the lines that found
 * them. */
#include <dfp16_kernel.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                 \
    do {                                   \
        if (!(condition)) return __LINE__; \
    } while (0)

static int64_t element_bytes(const dfp16_tensor* t) {
    return t->element == DFP16_INT16 ? 2 : 4;
}

static int check_tensor(const dfp16_tensor* t) {
    int64_t last = 0;
    int i;
    REQUIRE(t->struct_size == sizeof *t && t->rank >= 1 && t->rank <= 4 && t->name != 0 && t->name[0] != 0);
    REQUIRE((uintptr_t)t->data % 64 == 0);
    REQUIRE(t->element >= DFP16_INT16 && t->element <= DFP16_LABEL);
    REQUIRE(t->element != DFP16_INT16 || t->has_exponent);
    REQUIRE(t->element != DFP16_FP32 || !t->has_exponent);
    for (i = 0; i < 4; ++i) {
        REQUIRE(t->size[i] >= 1 && (i < t->rank || t->size[i] == 1));
        last += (t->size[i] - 1) * t->stride[i];
    }
    if (t->layout == DFP16_PLAIN) {
        REQUIRE(t->stride[t->rank - 1] == 1);
        REQUIRE((int64_t)t->bytes == (last + 1) * element_bytes(t));
    }
    return 0;
}

static int has_sizes(const dfp16_tensor* t, int64_t a, int64_t b, int64_t c, int64_t d) {
    return t->size[0] == a && t->size[1] == b && t->size[2] == c && t->size[3] == d;
}

/* Parameters against the sizes of the tensors that they describe. */
static int check_params(const dfp16_call* call) {
    const dfp16_params* p = call->params;
    const dfp16_tensor* first = call->inputs[0];
    const dfp16_tensor* out = call->outputs[0];
    int64_t i;
    REQUIRE(p->struct_size == sizeof *p);
    if (strcmp(p->op, "conv_forward") == 0) {
        REQUIRE(has_sizes(first, p->N, p->C, p->H, p->W) && has_sizes(out, p->N, p->K, p->P, p->Q));
        REQUIRE(has_sizes(call->inputs[1], p->K, p->C / p->groups, p->R, p->S));
        REQUIRE((p->policy == DFP16_CHAIN) == (p->chain > 0));
    } else if (strcmp(p->op, "gemm") == 0) {
        REQUIRE(has_sizes(first, p->M, p->K, 1, 1) && has_sizes(call->inputs[1], p->K, p->N, 1, 1));
    } else if (strcmp(p->op, "max_pool_forward") == 0) {
        REQUIRE(has_sizes(first, p->N, p->C, p->H, p->W) && has_sizes(out, p->N, p->C, p->P, p->Q));
    } else if (strcmp(p->op, "concat_forward") == 0) {
        REQUIRE(p->channels_count == call->input_count);
        for (i = 0; i < p->channels_count; ++i) REQUIRE(call->inputs[i]->size[1] == p->channels[i]);
    } else if (strncmp(p->op, "vp", 2) == 0) {
        REQUIRE(has_sizes(out, p->count, p->width / 32, 1, 1));
    } else if (strcmp(p->op, "sgd_update") == 0) {
        REQUIRE(call->output_count == 2 && strcmp(call->outputs[1]->name, "v") == 0);
        REQUIRE(call->outputs[0]->data != first->data && p->learning_rate >= 0.0f);
    } else if (strcmp(p->op, "fc_forward") == 0) {
        REQUIRE(first->size[0] == p->N && has_sizes(out, p->N, p->K, 1, 1));
    } else if (strcmp(p->op, "lrn_forward") == 0) {
        REQUIRE(p->lrn_size % 2 == 1 && p->lrn_k > 0.0f);
    }
    return 0;
}

/* Bytes that are not those of an element are left alone. */
static void write_zeros(const dfp16_tensor* t) {
    const size_t row = (size_t)(t->size[t->rank - 1] * element_bytes(t));
    int64_t rows = 1, i;
    int d;
    if (t->layout != DFP16_PLAIN) {
        memset(t->data, 0, t->bytes);
        return;
    }
    for (d = 0; d < t->rank - 1; ++d) rows *= t->size[d];
    for (i = 0; i < rows; ++i) {
        int64_t rest = i, place = 0;
        for (d = t->rank - 2; d >= 0; --d) {
            place += rest % t->size[d] * t->stride[d];
            rest /= t->size[d];
        }
        memset((char*)t->data + place * element_bytes(t), 0, row);
    }
}

static int run(const dfp16_call* call) {
    volatile unsigned char sum = 0;
    int status, i;
    uint64_t j;
    REQUIRE(call->struct_size == sizeof *call && call->threads == 1);
    for (i = 0; i < call->input_count; ++i) {
        if ((status = check_tensor(call->inputs[i])) != 0) return status;
        for (j = 0; j < call->inputs[i]->bytes; ++j)
            sum = (unsigned char)(sum + ((unsigned char*)call->inputs[i]->data)[j]);
    }
    for (i = 0; i < call->output_count; ++i) {
        if ((status = check_tensor(call->outputs[i])) != 0) return status;
    }
    if ((status = check_params(call)) != 0) return status;
    for (i = 0; i < call->output_count; ++i) {
        write_zeros(call->outputs[i]);
        if (call->outputs[i]->has_exponent) call->outputs[i]->exponent = 0;
    }
    return DFP16_DONE;
}

#define OPERATION(name) \
    { sizeof(dfp16_kernel_entry), DFP16_KERNEL_STRIDED, name, {0}, {0}, run }

static dfp16_kernel_entry table[] = {
    OPERATION("vpmaddwd"),
    OPERATION("vpdpwssd"),
    OPERATION("vpdpwssds"),
    OPERATION("vp4dpwssd"),
    OPERATION("vp4dpwssds"),
    OPERATION("quantize"),
    OPERATION("dequantize"),
    OPERATION("multiply"),
    OPERATION("add"),
    OPERATION("down_convert"),
    OPERATION("gemm"),
    OPERATION("conv_forward"),
    OPERATION("conv_backward_data"),
    OPERATION("conv_weight_gradient"),
    OPERATION("fc_forward"),
    OPERATION("fc_backward_data"),
    OPERATION("fc_weight_gradient"),
    OPERATION("bias_forward"),
    OPERATION("bias_gradient"),
    OPERATION("relu_forward"),
    OPERATION("relu_backward"),
    OPERATION("max_pool_forward"),
    OPERATION("max_pool_backward"),
    OPERATION("average_pool_forward"),
    OPERATION("average_pool_backward"),
    OPERATION("lrn_forward"),
    OPERATION("lrn_backward"),
    OPERATION("dropout_forward"),
    OPERATION("dropout_backward"),
    OPERATION("concat_forward"),
    OPERATION("concat_backward"),
    OPERATION("batch_norm_forward"),
    OPERATION("batch_norm_inference"),
    OPERATION("batch_norm_backward"),
    OPERATION("softmax_forward"),
    OPERATION("softmax_backward"),
    OPERATION("sgd_update"),
};
enum { COUNT = sizeof table / sizeof table[0] };
static const dfp16_kernel_entry* entries[COUNT];
static const dfp16_kernel_library library = {sizeof(dfp16_kernel_library), DFP16_KERNEL_ABI, "probe", COUNT, entries};

const dfp16_kernel_library* dfp16_kernels(void) {
    const char* layout = getenv("DFP16_PROBE_LAYOUT");
    int i, j;
    for (i = 0; i < COUNT; ++i) {
        entries[i] = &table[i];
        for (j = 0; j < DFP16_LAYOUTS; ++j) {
            table[i].input_layouts[j] = table[i].output_layouts[j] = layout != 0 ? atoi(layout) : DFP16_PLAIN;
        }
    }
    return &library;
}
