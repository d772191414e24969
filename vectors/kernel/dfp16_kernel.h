/* The C ABI of kernels under test: what `dfp16 verify FILE --kernel ./libmine.so` loads and calls.
 *
 * Plain C99, also C++; copy this one file. A library exports one function, dfp16_kernels(), that gives a table of
 * operations. docs/kernels.md shows how to write and build one; docs/contract.md says which bits must come out;
 * docs/vectors.md lists the operations, their tensors (names and order) and parameters.
 *
 * Every struct carries its own size in bytes, so that later versions can add fields at its end. A reader takes only the
 * fields that lie within struct_size.
 */
#ifndef DFP16_KERNEL_H
#define DFP16_KERNEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when something here changes its meaning or place. Fields added at the end of a struct do not change it. */
#define DFP16_KERNEL_ABI 1

/* Element types. */
#define DFP16_INT16 0 /* mantissas of a DFP-16 tensor */
#define DFP16_INT32 1 /* accumulators, masks */
#define DFP16_FP32 2
#define DFP16_LABEL 3 /* INT32 class numbers */

/* Layouts, as memory index (in elements) of a logical index. A tensor of rank 2 or 3 is seen as rank 4 with 1 for the
 * missing last sizes. ceil(a / b) is a divided by b, rounded up; / and % are those of C.
 *
 * DFP16_PLAIN: i0 * stride[0] + i1 * stride[1] + ..., any rank. Row-major: the strides are those of the sizes, unless
 * the entry has DFP16_KERNEL_STRIDED. The innermost stride is always 1. DFP16_NCHW16C, DFP16_NCHW32C: activations
 * (n,c,h,w) in blocks of B = 16 or 32 channels, rank 2 to 4:
 *   (((n * ceil(C / B) + c / B) * H + h) * W + w) * B + c % B
 * DFP16_VNNI16: weights (k,c,r,s), rank 2 or 4, 16 k side by side, each with a pair of c (oneDNN's OIhw8i16o2i):
 *   (((((k / 16) * ceil(C / 16) + c / 16) * R + r) * S + s) * 8 + (c % 16) / 2) * 32 + (k % 16) * 2 + c % 2
 *   In a grouped convolution C is the size of that dimension, C/groups.
 *
 * What belongs to no element (channels beyond C, k beyond K) is zero in inputs, and a kernel must write zeros there in
 * outputs: this is checked. */
#define DFP16_PLAIN 0
#define DFP16_NCHW16C 1
#define DFP16_NCHW32C 2
#define DFP16_VNNI16 3

/* Policies of sums of products (contract section 5). */
#define DFP16_EXACT 0
#define DFP16_CHAIN 1
#define DFP16_WRAP 2
#define DFP16_SATURATE 3
#define DFP16_FMA 4

/* Rounding (contract section 3). */
#define DFP16_NEAREST_EVEN 0
#define DFP16_TOWARD_ZERO 1
#define DFP16_STOCHASTIC 2

/* Masking of instructions (contract section 13). */
#define DFP16_MASKING_NONE 0
#define DFP16_MASKING_MERGE 1
#define DFP16_MASKING_ZERO 2

/* Rounding of a pooling window's output size (contract section 8). */
#define DFP16_SIZE_FLOOR 0
#define DFP16_SIZE_CEIL 1

/* What a kernel returns. Any other value is an error of its own, and reported as such. */
#define DFP16_DONE 0        /* every output is written */
#define DFP16_UNSUPPORTED 1 /* not implemented for these parameters: the case is skipped, and counted so */

/* Flags of an entry. */
#define DFP16_KERNEL_STRIDED 1u /* honours any strides of DFP16_PLAIN tensors: it is also run on padded rows */

/* One tensor of a call. */
typedef struct dfp16_tensor {
    uint32_t struct_size;
    int32_t element; /* DFP16_INT16, ... */
    int32_t layout;  /* as the entry asks */
    int32_t rank;    /* 1 to 4 */
    int64_t size[4]; /* logical sizes, outermost first; 1 beyond the rank */
    /* Of DFP16_PLAIN, in elements; 0 beyond the rank and in other layouts. */
    int64_t stride[4];
    void* data;     /* 64-byte aligned. Inputs are read-only memory: writing to them is a fault. */
    uint64_t bytes; /* of data, with padding */
    /* An element stands for mantissa * 2^exponent. Inputs: given. Outputs with has_exponent: the kernel must set it. */
    int32_t exponent;
    int32_t has_exponent; /* 1: DFP16_INT16, and DFP16_INT32 where the integers have a scale; otherwise 0 */
    const char* name;     /* as in docs/vectors.md: "x", "w" */
} dfp16_tensor;

/* Parameters, as in docs/vectors.md, "Params". What the operation does not have is 0. */
typedef struct dfp16_params {
    uint32_t struct_size;
    int32_t policy; /* DFP16_EXACT, ... */
    const char* op; /* "conv_forward" */
    int64_t N, C, H, W, K, R, S, P, Q, M;
    int64_t stride_h, stride_w, pad_h, pad_w, groups;
    int64_t chain;     /* pairs a chain, with DFP16_CHAIN */
    uint64_t seed;     /* of the random stream (contract section 4), with step and tensor */
    uint32_t step;     /* training step */
    uint32_t tensor;   /* id in the random stream */
    int32_t headroom;  /* 0 to 14 */
    int32_t rounding;  /* DFP16_NEAREST_EVEN, ... */
    int32_t relu;      /* of add: 0 or 1 */
    int32_t width;     /* of instructions: 128, 256 or 512 */
    int32_t masking;   /* DFP16_MASKING_NONE, ... */
    int32_t pool_size; /* DFP16_SIZE_FLOOR, ... */
    int64_t count;     /* vectors of an instruction */
    int64_t lrn_size;  /* channels in the window */
    float lrn_alpha, lrn_k;
    float dropout_rate;
    float loss_weight;
    float epsilon;  /* batch norm */
    float momentum; /* batch norm, sgd_update */
    float weight_decay, learning_rate;
    int64_t channels_count;  /* of concat: number of parts, */
    const int64_t* channels; /* and the channels of each */
} dfp16_params;

/* One operation to do. Tensors come in the order of docs/vectors.md. What the contract updates in place (running_mean,
 * w, v) is an input and, in memory of its own, an output of the same name. Outputs hold arbitrary bytes before the
 * call. */
typedef struct dfp16_call {
    uint32_t struct_size;
    int32_t threads; /* that the kernel may use */
    const dfp16_params* params;
    int32_t input_count, output_count;
    const dfp16_tensor* const* inputs;
    dfp16_tensor* const* outputs;
} dfp16_call;

/* Does the operation and returns DFP16_DONE, DFP16_UNSUPPORTED or an error. It must not keep pointers of the call, must
 * answer the same whenever it gets the same, and must leave MXCSR's control bits, the x87 control word, an empty x87
 * stack (emms) and a clear direction flag. */
typedef int (*dfp16_run)(const dfp16_call* call);

/* Layouts of this many tensors are listed; a tensor beyond (parts of concat) has the last one's layout. */
#define DFP16_LAYOUTS 8

/* One operation of a library. */
typedef struct dfp16_kernel_entry {
    uint32_t struct_size;
    uint32_t flags;                        /* DFP16_KERNEL_... */
    const char* op;                        /* "conv_forward" */
    int32_t input_layouts[DFP16_LAYOUTS];  /* DFP16_PLAIN, ... in the order of the inputs */
    int32_t output_layouts[DFP16_LAYOUTS]; /* the same of the outputs */
    dfp16_run run;
} dfp16_kernel_entry;

/* The table. Several entries may have the same op: they are tried in turn until one does not return
 * DFP16_UNSUPPORTED. */
typedef struct dfp16_kernel_library {
    uint32_t struct_size;
    uint32_t abi;     /* DFP16_KERNEL_ABI */
    const char* name; /* for reports; may be a null pointer */
    uint64_t entry_count;
    const dfp16_kernel_entry* const* entries;
} dfp16_kernel_library;

#if defined(__GNUC__)
#define DFP16_EXPORT __attribute__((visibility("default")))
#else
#define DFP16_EXPORT
#endif

/* What the library exports. The table must stay valid for as long as the library is loaded. */
DFP16_EXPORT const dfp16_kernel_library* dfp16_kernels(void);

#ifdef __cplusplus
}
#endif

#endif
