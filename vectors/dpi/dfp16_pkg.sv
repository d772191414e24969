// The golden model in SystemVerilog: dfp16_dpi.h's functions, which has what each does, and functions over dynamic arrays.
// Link libdfp16_dpi.so. A function with a status gives 0, or 1 and a text in dfp16_dpi_error().
`timescale 1ns / 1ps

package dfp16_pkg;
    typedef enum int {NEAREST_EVEN = 0, TOWARD_ZERO = 1, STOCHASTIC = 2} rounding_e;

    import "DPI-C" function string dfp16_dpi_error();
    import "DPI-C" function int dfp16_dpi_fail(input string what);
    import "DPI-C" function string dfp16_dpi_contract();

    import "DPI-C" pure function int dfp16_vpmaddwd(input shortint a0, input shortint a1,
                                                    input shortint b0, input shortint b1);
    import "DPI-C" pure function int dfp16_vpdpwssd(input int c, input shortint a0, input shortint a1,
                                                    input shortint b0, input shortint b1);
    import "DPI-C" pure function int dfp16_vpdpwssds(input int c, input shortint a0, input shortint a1,
                                                     input shortint b0, input shortint b1);

    import "DPI-C" function chandle dfp16_list_new();
    import "DPI-C" function void dfp16_list_free(input chandle factors);
    import "DPI-C" function int dfp16_list_clear(input chandle factors);
    import "DPI-C" function int dfp16_list_push(input chandle factors, input shortint a, input shortint b);
    import "DPI-C" function int dfp16_list_exact(input chandle factors, output longint sum);
    import "DPI-C" function int dfp16_list_chain(input chandle factors, input int chain, output int acc);
    import "DPI-C" function int dfp16_list_wrap(input chandle factors, output int acc);
    import "DPI-C" function int dfp16_list_saturate(input chandle factors, output int acc);

    import "DPI-C" function int dfp16_scale_exact(input longint sum, input int k, output int fp32);
    import "DPI-C" function int dfp16_scale_chain(input int acc, input int k, output int fp32);
    import "DPI-C" function int dfp16_dequantize(input shortint m, input int exponent, output int fp32);

    import "DPI-C" pure function int unsigned dfp16_random_word(
        input longint unsigned seed, input int unsigned step, input int unsigned purpose, input int unsigned tensor,
        input longint unsigned element);

    import "DPI-C" function int dfp16_down_convert_element(
        input int v, input int shift, input int headroom, input int rounding, input int unsigned random,
        output shortint m);
    import "DPI-C" function int dfp16_quantize_element(
        input int fp32, input int exponent, input int headroom, input int rounding, input int unsigned random,
        output shortint m);

    import "DPI-C" function chandle dfp16_tensor_new();
    import "DPI-C" function void dfp16_tensor_free(input chandle tensor);
    import "DPI-C" function int dfp16_tensor_clear(input chandle tensor);
    import "DPI-C" function int dfp16_tensor_push(input chandle tensor, input int element);
    import "DPI-C" function int dfp16_tensor_quantize(
        input chandle tensor, input int headroom, input int rounding, input longint unsigned seed,
        input int unsigned step, input int unsigned tensor_id, output int exponent);
    import "DPI-C" function int dfp16_tensor_down_convert(
        input chandle tensor, input int exponent_in, input int headroom, input int rounding,
        input longint unsigned seed, input int unsigned step, input int unsigned tensor_id, output int exponent);
    import "DPI-C" function int dfp16_tensor_mantissa(input chandle tensor, input int index, output shortint m);

    // Sums of products over arrays: pairs are neighbours, in the contract's order. `factors` is a list to use; it is cleared.
    function automatic int fill_list(input chandle factors, input shortint a[], input shortint b[]);
        if (a.size() != b.size()) return dfp16_dpi_fail("a and b differ in size");
        if (dfp16_list_clear(factors) != 0) return 1;
        for (int i = 0; i < a.size(); i++) if (dfp16_list_push(factors, a[i], b[i]) != 0) return 1;
        return 0;
    endfunction

    // Policy exact, with its one rounding: the bits of RN32(S * 2^k), and S.
    function automatic int sum_exact(input shortint a[], input shortint b[], input int k, output int fp32,
                                     output longint sum);
        chandle factors = dfp16_list_new();
        int status = fill_list(factors, a, b);
        if (status == 0) status = dfp16_list_exact(factors, sum);
        if (status == 0) status = dfp16_scale_exact(sum, k, fp32);
        dfp16_list_free(factors);
        return status;
    endfunction

    // Policy chain: the bits of RN32(acc * 2^k).
    function automatic int sum_chain(input shortint a[], input shortint b[], input int chain, input int k,
                                     output int fp32);
        chandle factors = dfp16_list_new();
        int acc;
        int status = fill_list(factors, a, b);
        if (status == 0) status = dfp16_list_chain(factors, chain, acc);
        if (status == 0) status = dfp16_scale_chain(acc, k, fp32);
        dfp16_list_free(factors);
        return status;
    endfunction

    // Policies wrap and saturate.
    function automatic int sum_wrap(input shortint a[], input shortint b[], output int acc);
        chandle factors = dfp16_list_new();
        int status = fill_list(factors, a, b);
        if (status == 0) status = dfp16_list_wrap(factors, acc);
        dfp16_list_free(factors);
        return status;
    endfunction

    function automatic int sum_saturate(input shortint a[], input shortint b[], output int acc);
        chandle factors = dfp16_list_new();
        int status = fill_list(factors, a, b);
        if (status == 0) status = dfp16_list_saturate(factors, acc);
        dfp16_list_free(factors);
        return status;
    endfunction

    // The mantissas of a converted tensor; m has its size.
    function automatic int mantissas_of(input chandle tensor, inout shortint m[]);
        for (int i = 0; i < m.size(); i++) begin
            shortint one;
            if (dfp16_tensor_mantissa(tensor, i, one) != 0) return 1;
            m[i] = one;
        end
        return 0;
    endfunction

    function automatic int fill_tensor(input chandle tensor, input int elements[]);
        for (int i = 0; i < elements.size(); i++) if (dfp16_tensor_push(tensor, elements[i]) != 0) return 1;
        return 0;
    endfunction

    // Quantize: FP32 bits to mantissas and their exponent. m must have the size of x.
    function automatic int quantize(input int x[], input int headroom, input rounding_e rounding,
                                    input longint unsigned seed, input int unsigned step, input int unsigned tensor_id,
                                    output int exponent, inout shortint m[]);
        chandle tensor = dfp16_tensor_new();
        int status = fill_tensor(tensor, x);
        if (status == 0) status = dfp16_tensor_quantize(tensor, headroom, rounding, seed, step, tensor_id, exponent);
        if (status == 0) status = mantissas_of(tensor, m);
        dfp16_tensor_free(tensor);
        return status;
    endfunction

    // Down-convert: INT32 with an exponent to mantissas and theirs. m must have the size of v.
    function automatic int down_convert(input int v[], input int exponent_in, input int headroom,
                                        input rounding_e rounding, input longint unsigned seed, input int unsigned step,
                                        input int unsigned tensor_id, output int exponent, inout shortint m[]);
        chandle tensor = dfp16_tensor_new();
        int status = fill_tensor(tensor, v);
        if (status == 0)
            status = dfp16_tensor_down_convert(tensor, exponent_in, headroom, rounding, seed, step, tensor_id, exponent);
        if (status == 0) status = mantissas_of(tensor, m);
        dfp16_tensor_free(tensor);
        return status;
    endfunction
endpackage
