/* The golden model as C functions, for SystemVerilog's DPI-C (dfp16_pkg.sv imports them) and any other caller. Plain C
 * types alone: no simulator's header is needed. docs/verilog.md has the list with examples.
 *
 * short, int, long long are SystemVerilog's shortint, int, longint; FP32 numbers are the int with their bits. A
 * function that can fail gives 0, or 1 and a text in dfp16_dpi_error(); its outputs are then untouched. Rounding: 0
 * nearest-even, 1 toward-zero, 2 stochastic. Headroom: 0 to 14. Functions may be called from several threads, each
 * object from one at a time. */
#ifndef DFP16_DPI_H
#define DFP16_DPI_H

#if defined(_WIN32)
#define DFP16_DPI_API
#else
#define DFP16_DPI_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What the last failure on this thread was, in one line; "" before the first. Valid until the next failure. */
DFP16_DPI_API const char* dfp16_dpi_error(void);
/* For benches that want to fail in the same way: sets that text and gives 1. */
DFP16_DPI_API int dfp16_dpi_fail(const char* what);
/* The version of docs/contract.md: "2". */
DFP16_DPI_API const char* dfp16_dpi_contract(void);

/* One lane of one instruction (contract section 13). */
DFP16_DPI_API int dfp16_vpmaddwd(short a0, short a1, short b0, short b1);
DFP16_DPI_API int dfp16_vpdpwssd(int c, short a0, short a1, short b0, short b1);
DFP16_DPI_API int dfp16_vpdpwssds(int c, short a0, short a1, short b0, short b1);

/* Sums of products (contract section 5): a list of factors in the contract's order, two neighbours being a pair; a last
 * odd one is paired with (0, 0). The sums may be asked for at any time, and leave the list as it is. */
DFP16_DPI_API void* dfp16_list_new(void);
DFP16_DPI_API void dfp16_list_free(void* list);
DFP16_DPI_API int dfp16_list_clear(void* list);
DFP16_DPI_API int dfp16_list_push(void* list, short a, short b);
/* Policy exact, before its rounding. -32768 in a factor is an error. */
DFP16_DPI_API int dfp16_list_exact(void* list, long long* sum);
/* Policy chain, before its scale: acc as FP32 bits; chain: pairs, 1 or more. */
DFP16_DPI_API int dfp16_list_chain(void* list, int chain, int* acc);
DFP16_DPI_API int dfp16_list_wrap(void* list, int* acc);
DFP16_DPI_API int dfp16_list_saturate(void* list, int* acc);

/* RN32(sum * 2^k), RN32(acc * 2^k), m * 2^exponent, as FP32 bits. k from -508 to 508. Beyond FP32 is an error. */
DFP16_DPI_API int dfp16_scale_exact(long long sum, int k, int* fp32);
DFP16_DPI_API int dfp16_scale_chain(int acc, int k, int* fp32);
DFP16_DPI_API int dfp16_dequantize(short m, int exponent, int* fp32);

/* The random word of an element (contract section 4). */
DFP16_DPI_API unsigned int dfp16_random_word(unsigned long long seed, unsigned int step, unsigned int purpose,
                                             unsigned int tensor, unsigned long long element);

/* One element (contract section 6). random counts for stochastic rounding. down_convert: clamp(round(v * 2^-shift)),
 * shift 0 or more. quantize: clamp(round(x * 2^-exponent)), exponent at least that of a tensor of this element alone.
 */
DFP16_DPI_API int dfp16_down_convert_element(int v, int shift, int headroom, int rounding, unsigned int random,
                                             short* m);
DFP16_DPI_API int dfp16_quantize_element(int fp32, int exponent, int headroom, int rounding, unsigned int random,
                                         short* m);

/* A whole tensor: 32-bit elements in logical order, FP32 bits for quantize and INT32 for down_convert; then one of the
 * two, which gives the exponent; then the mantissas. seed, step, tensor: of the random words. */
DFP16_DPI_API void* dfp16_tensor_new(void);
DFP16_DPI_API void dfp16_tensor_free(void* tensor);
DFP16_DPI_API int dfp16_tensor_clear(void* tensor);
DFP16_DPI_API int dfp16_tensor_push(void* tensor, int element);
DFP16_DPI_API int dfp16_tensor_quantize(void* tensor, int headroom, int rounding, unsigned long long seed,
                                        unsigned int step, unsigned int tensor_id, int* exponent);
DFP16_DPI_API int dfp16_tensor_down_convert(void* tensor, int exponent_in, int headroom, int rounding,
                                            unsigned long long seed, unsigned int step, unsigned int tensor_id,
                                            int* exponent);
DFP16_DPI_API int dfp16_tensor_mantissa(void* tensor, int index, short* m);

#ifdef __cplusplus
}
#endif

#endif
