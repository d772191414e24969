/* A kernel library in plain C: gemm of INT16 operands under every integer policy, and the instruction vpdpwssd.
 *
 *     gcc -std=c99 -O2 -shared -fPIC -I vectors/kernel vectors/kernel/samples/gemm.c -lm -o libgemm.so
 */
#include <dfp16_kernel.h>
#include <math.h>

static int64_t clamp_int32(int64_t v) {
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : v;
}

/* The INT32 with the same low 32 bits. */
static int32_t wrap_int32(int64_t v) {
    const uint32_t low = (uint32_t)(uint64_t)v;
    return low <= INT32_MAX ? (int32_t)low : (int32_t)((int64_t)low - ((int64_t)1 << 32));
}

/* sum * 2^k, rounded once. A double has 53 bits: a longer sum is cut to them, and its last bit tells whether something
 * was cut off, which is enough for the rounding to FP32's 24 bits. */
static float scaled(int64_t sum, int k) {
    const int64_t limit = (int64_t)1 << 53;
    int cut = 0;
    while (sum >= limit || sum <= -limit) {
        const int64_t odd = sum & 1;
        sum = (sum - odd) / 2;
        sum |= odd;
        ++cut;
    }
    return (float)ldexp((double)sum, k + cut);
}

/* The products of one output: b's elements are b_step apart. K may be odd: the last pair then lacks its second half. */
typedef struct row {
    const int16_t *a, *b;
    int64_t b_step, K;
} row;

static int64_t pair(const row* r, int64_t k) {
    int64_t sum = (int64_t)r->a[k] * r->b[k * r->b_step];
    if (k + 1 < r->K) sum += (int64_t)r->a[k + 1] * r->b[(k + 1) * r->b_step];
    return sum;
}

static int64_t exact_sum(const row* r) {
    int64_t sum = 0, k;
    for (k = 0; k < r->K; k += 2) sum += pair(r, k);
    return sum;
}

static float chain_sum(const row* r, int64_t chain) {
    float acc = 0.0f;
    int64_t begin, k;
    const int64_t length = chain < r->K ? chain * 2 : r->K + 1;
    for (begin = 0; begin < r->K; begin += length) {
        int64_t sum = 0;
        for (k = begin; k < r->K && k < begin + length; k += 2) sum += pair(r, k);
        acc += (float)wrap_int32(sum);
    }
    return acc;
}

static int32_t saturate_sum(const row* r) {
    int64_t sum = 0, k;
    for (k = 0; k < r->K; k += 2) sum = clamp_int32(sum + pair(r, k));
    return (int32_t)sum;
}

static void one_output(const dfp16_params* p, const row* r, int scale, dfp16_tensor* c, int64_t place) {
    switch (p->policy) {
        case DFP16_EXACT: ((float*)c->data)[place] = scaled(exact_sum(r), scale); break;
        case DFP16_CHAIN: ((float*)c->data)[place] = (float)ldexp(chain_sum(r, p->chain), scale); break;
        case DFP16_WRAP: ((int32_t*)c->data)[place] = wrap_int32(exact_sum(r)); break;
        default: ((int32_t*)c->data)[place] = saturate_sum(r); break;
    }
}

/* c (M,N) = a (M,K) * b (K,N), with any distance between rows. */
static int run_gemm(const dfp16_call* call) {
    const dfp16_params* p = call->params;
    const dfp16_tensor *a = call->inputs[0], *b = call->inputs[1];
    dfp16_tensor* c = call->outputs[0];
    const int scale = a->exponent + b->exponent;
    int64_t m, n;
    if (p->policy == DFP16_FMA) return DFP16_UNSUPPORTED;
    for (m = 0; m < p->M; ++m) {
        for (n = 0; n < p->N; ++n) {
            const row r = {(const int16_t*)a->data + m * a->stride[0], (const int16_t*)b->data + n, b->stride[0], p->K};
            one_output(p, &r, scale, c, m * c->stride[0] + n);
        }
    }
    if (c->has_exponent) c->exponent = scale;
    return DFP16_DONE;
}

/* d = c + the sum of a pair of products, lane by lane, modulo 2^32. */
static int run_vpdpwssd(const dfp16_call* call) {
    const dfp16_params* p = call->params;
    const int16_t *a = (const int16_t*)call->inputs[0]->data, *b = (const int16_t*)call->inputs[1]->data;
    const int32_t* c = (const int32_t*)call->inputs[2]->data;
    const int32_t* mask = p->masking == DFP16_MASKING_NONE ? 0 : (const int32_t*)call->inputs[3]->data;
    int32_t* d = (int32_t*)call->outputs[0]->data;
    const int64_t lanes = p->width / 32;
    int64_t i;
    for (i = 0; i < p->count * lanes; ++i) {
        const int on = mask == 0 || ((uint32_t)mask[i / lanes] >> (i % lanes) & 1u) != 0;
        const int64_t sum = c[i] + (int64_t)a[2 * i] * b[2 * i] + (int64_t)a[2 * i + 1] * b[2 * i + 1];
        d[i] = on ? wrap_int32(sum) : p->masking == DFP16_MASKING_MERGE ? c[i] : 0;
    }
    return DFP16_DONE;
}

/* Layouts that are not named are 0, DFP16_PLAIN. */
static const dfp16_kernel_entry gemm = {sizeof(dfp16_kernel_entry), DFP16_KERNEL_STRIDED, "gemm", {0}, {0}, run_gemm};
static const dfp16_kernel_entry vpdpwssd = {sizeof(dfp16_kernel_entry), 0, "vpdpwssd", {0}, {0}, run_vpdpwssd};
static const dfp16_kernel_entry* const entries[] = {&gemm, &vpdpwssd};
static const dfp16_kernel_library library = {sizeof(dfp16_kernel_library), DFP16_KERNEL_ABI, "sample-gemm", 2, entries};

const dfp16_kernel_library* dfp16_kernels(void) {
    return &library;
}
