/* A kernel library that does relu_forward right, unless DFP16_FAULT names something that it then does wrong. */
#include <dfp16_kernel.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char* fault_name(void) {
    const char* name = getenv("DFP16_FAULT");
    return name != 0 ? name : "";
}

static int fault(const char* name) {
    return strcmp(fault_name(), name) == 0;
}

#if defined(__x86_64__)
static void change_processor_state(void) {
    const unsigned flush_to_zero = 0x9F80;
    const unsigned short single_precision = 0x007F;
    if (fault("mxcsr")) __asm__ volatile("ldmxcsr %0" : : "m"(flush_to_zero));
    if (fault("x87-control")) __asm__ volatile("fldcw %0" : : "m"(single_precision));
    if (fault("mmx")) __asm__ volatile("movd %0, %%mm0" : : "r"(1) : "memory");
    if (fault("direction")) __asm__ volatile("std");
}
#else
static void change_processor_state(void) {}
#endif

static int calls;

/* Without end: there are never so many calls. */
static int overflow_stack(volatile char* above) {
    volatile char frame[4096];
    frame[0] = above != 0 ? above[0] : 1;
    return calls < 1000 ? overflow_stack(frame) + frame[0] : 0;
}

/* Before the answer is written. */
static int misbehave(const dfp16_call* call) {
    const dfp16_tensor* x = call->inputs[0];
    const dfp16_tensor* y = call->outputs[0];
    volatile int16_t* in = (volatile int16_t*)x->data;
    volatile int16_t* out = (volatile int16_t*)y->data;
    const int64_t elements = (int64_t)(y->bytes / 2);
    if (fault("null")) *(volatile int*)0 = 1;
    if (fault("abort")) abort();
    if (fault("illegal")) __builtin_trap();
    if (fault("divide")) raise(SIGFPE);
    if (fault("wild")) *(volatile int*)(uintptr_t)0x123456789000u = 1;
    if (fault("stack")) return overflow_stack(0);
    if (fault("hang")) {
        for (;;) pause();
    }
    if (fault("exit")) exit(0);
    if (fault("_exit")) _exit(3);
    if (fault("kill")) raise(SIGKILL);
    if (fault("error")) return 42;
    if (fault("writes-behind")) out[elements + 64] = 1;
    if (fault("writes-gap")) out[elements] = 1;
    if (fault("writes-before")) out[-16] = 1;
    if (fault("reads-behind")) out[0] = in[elements + 64];
    if (fault("reads-before")) out[0] = in[-16];
    if (fault("writes-input")) in[4] = in[4];
    return DFP16_DONE;
}

/* Spoils a right answer. */
static void spoil(const dfp16_call* call, int16_t before) {
    const dfp16_tensor* y = call->outputs[0];
    int16_t* out = (int16_t*)y->data;
    const int64_t row = y->size[3];
    if (fault("random")) out[3] = (int16_t)(100 + calls);
    if (fault("exponent-random")) call->outputs[0]->exponent = calls % 100;
    if (fault("unwritten")) out[0] = before;
    if (fault("wrong")) out[0] = (int16_t)(out[0] ^ 1);
    if (fault("wrong-strided") && y->stride[2] != row) out[0] = (int16_t)(out[0] ^ 1);
    if (fault("writes-between-rows") && y->stride[2] != row) out[row] = 1;
    if (fault("padding-set")) out[y->bytes / 2 - 1] = 1;
    if (fault("exponent-unset")) call->outputs[0]->exponent = INT32_MIN;
}

static int16_t relu(int16_t x) {
    return x > 0 ? x : 0;
}

static void relu_plain(const dfp16_tensor* x, dfp16_tensor* y) {
    int64_t n, c, h, w;
    for (n = 0; n < y->size[0]; ++n) {
        for (c = 0; c < y->size[1]; ++c) {
            for (h = 0; h < y->size[2]; ++h) {
                const int16_t* in = (int16_t*)x->data + n * x->stride[0] + c * x->stride[1] + h * x->stride[2];
                int16_t* out = (int16_t*)y->data + n * y->stride[0] + c * y->stride[1] + h * y->stride[2];
                for (w = 0; w < y->size[3]; ++w) out[w] = relu(in[w]);
            }
        }
    }
}

static void relu_blocked(const dfp16_tensor* x, dfp16_tensor* y) {
    const int64_t elements = (int64_t)(y->bytes / 2);
    int64_t i;
    for (i = 0; i < elements; ++i) {
        if (fault("padding-unwritten") && i == elements - 1) continue;
        ((int16_t*)y->data)[i] = relu(((int16_t*)x->data)[i]);
    }
}

static int run_relu(const dfp16_call* call) {
    const dfp16_tensor* x = call->inputs[0];
    dfp16_tensor* y = call->outputs[0];
    const int16_t before = ((int16_t*)y->data)[0];
    int status;
    if (x->element != DFP16_INT16 || x->rank != 4) return DFP16_UNSUPPORTED;
    ++calls;
    status = misbehave(call);
    if (status != DFP16_DONE) return status;
    if (y->layout == DFP16_PLAIN) {
        relu_plain(x, y);
    } else {
        relu_blocked(x, y);
    }
    y->exponent = x->exponent;
    spoil(call, before);
    change_processor_state();
    return DFP16_DONE;
}

static dfp16_kernel_entry relu_forward = {
    sizeof(dfp16_kernel_entry), DFP16_KERNEL_STRIDED, "relu_forward", {0}, {0}, run_relu};
static const dfp16_kernel_entry* entries[] = {&relu_forward};
static dfp16_kernel_library library = {sizeof(dfp16_kernel_library), DFP16_KERNEL_ABI, "faulty", 1, entries};

/* Faults of the table itself, and blocked layouts for those of padding. */
const dfp16_kernel_library* dfp16_kernels(void) {
    if (strncmp(fault_name(), "padding", 7) == 0) {
        relu_forward.input_layouts[0] = DFP16_NCHW16C;
        relu_forward.output_layouts[0] = DFP16_NCHW16C;
    }
    if (fault("table-null")) return 0;
    if (fault("table-abi")) library.abi = DFP16_KERNEL_ABI + 1;
    if (fault("table-empty")) library.entry_count = 0;
    if (fault("table-op")) relu_forward.op = "relu_foreward";
    if (fault("table-layout")) relu_forward.input_layouts[2] = 77;
    if (fault("table-run")) relu_forward.run = 0;
    if (fault("table-size")) relu_forward.struct_size = 8;
    if (fault("table-entry")) entries[0] = 0;
    if (fault("table-exit")) exit(5);
    if (fault("table-name")) library.name = 0;
    return &library;
}

__attribute__((constructor)) static void on_load(void) {
    if (fault("constructor")) *(volatile int*)0 = 1;
}
