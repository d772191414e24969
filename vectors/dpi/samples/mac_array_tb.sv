// mac_array against the golden model: three arrays (accumulators that wrap, that saturate, and chains with 64-bit totals) on
// the same random and corner pairs, every cell compared after every pair. +tests=N, +seed=N; the random words are golden's,
// the same in every simulator. Ends with a line PASS or FAIL.
`timescale 1ns / 1ps

module mac_array_tb;
    import dfp16_pkg::*;

    localparam int ROWS = 3;
    localparam int COLS = 4;
    localparam int CHAIN = 8;
    localparam int CELLS = ROWS * COLS;
    localparam int MOST_PAIRS = 40;

    logic clk = 1'b0;
    logic clear = 1'b0;
    logic valid = 1'b0;
    logic [ROWS*32-1:0] a = '0;
    logic [COLS*32-1:0] b = '0;
    logic [CELLS*32-1:0] acc_wrap, acc_saturate, acc_chain;
    logic [CELLS*64-1:0] sum_of_wrap, sum_of_saturate, sum_of_chain;
    always #5 clk = ~clk;

    mac_array #(.ROWS(ROWS), .COLS(COLS), .SATURATE(0), .CHAIN(0)) wrapping (
        .clk, .clear, .valid, .a, .b, .acc(acc_wrap), .sum(sum_of_wrap));
    mac_array #(.ROWS(ROWS), .COLS(COLS), .SATURATE(1), .CHAIN(0)) saturating (
        .clk, .clear, .valid, .a, .b, .acc(acc_saturate), .sum(sum_of_saturate));
    mac_array #(.ROWS(ROWS), .COLS(COLS), .SATURATE(0), .CHAIN(CHAIN)) chained (
        .clk, .clear, .valid, .a, .b, .acc(acc_chain), .sum(sum_of_chain));

    // Stimulus: uniform; corners; within +-2047, where no chain leaves INT32; all lowest.
    longint unsigned seed = 1;
    longint unsigned drawn = 0;
    function automatic int unsigned word();
        drawn++;
        return dfp16_random_word(seed, 0, 8, 0, drawn);
    endfunction

    function automatic shortint draw(input int kind);
        shortint corners[8] = '{-16'sd32768, -16'sd32767, -16'sd1, 16'sd0, 16'sd1, 16'sd16384, 16'sd32766, 16'sd32767};
        int unsigned random = word();
        case (kind)
            0: return shortint'(random[15:0]);
            1: return corners[random[18:16]];
            2: return shortint'(int'(random % 4095) - 2047);
            default: return -16'sd32768;
        endcase
    endfunction

    // What golden expects of a cell, and all its factors.
    int wrap_model[CELLS], saturate_model[CELLS], chain_model[CELLS];
    longint total_model[CELLS];
    shortint a_seen[ROWS][2*MOST_PAIRS];
    shortint b_seen[COLS][2*MOST_PAIRS];

    int compared = 0;
    int differing = 0;
    function automatic void check(input string what, input int row, input int col, input int pair, input longint got,
                                  input longint expected);
        compared++;
        if (got == expected) return;
        differing++;
        if (differing <= 10)
            $display("%s: cell (%0d,%0d) after pair %0d: got %0d, expected %0d", what, row, col, pair, got, expected);
    endfunction

    // The next pairs. The process that waits for the clock assigns them to a and b: under Verilator 5.006 the arrays do not
    // follow what a task changes.
    logic [ROWS*32-1:0] next_a;
    logic [COLS*32-1:0] next_b;
    task automatic draw_pairs(input int kind, input int pair);
        shortint x0, x1;
        for (int r = 0; r < ROWS; r++) begin
            x0 = draw(kind);
            x1 = draw(kind);
            next_a[32*r+:32] = {x1, x0};
            a_seen[r][2*pair] = x0;
            a_seen[r][2*pair+1] = x1;
        end
        for (int c = 0; c < COLS; c++) begin
            x0 = draw(kind);
            x1 = draw(kind);
            next_b[32*c+:32] = {x1, x0};
            b_seen[c][2*pair] = x0;
            b_seen[c][2*pair+1] = x1;
        end
    endtask

    task automatic step_models(input int pair);
        for (int r = 0; r < ROWS; r++) for (int c = 0; c < COLS; c++) begin
            automatic int i = r * COLS + c;
            automatic shortint a0 = a_seen[r][2*pair], a1 = a_seen[r][2*pair+1];
            automatic shortint b0 = b_seen[c][2*pair], b1 = b_seen[c][2*pair+1];
            if (pair == 0) begin
                wrap_model[i] = 0;
                saturate_model[i] = 0;
                chain_model[i] = 0;
                total_model[i] = 0;
            end
            wrap_model[i] = dfp16_vpdpwssd(wrap_model[i], a0, a1, b0, b1);
            saturate_model[i] = dfp16_vpdpwssds(saturate_model[i], a0, a1, b0, b1);
            chain_model[i] = dfp16_vpdpwssd(chain_model[i], a0, a1, b0, b1);
            if (pair % CHAIN == CHAIN - 1) begin
                total_model[i] += longint'(chain_model[i]);
                chain_model[i] = 0;
            end
        end
    endtask

    task automatic check_cells(input int pair);
        for (int r = 0; r < ROWS; r++) for (int c = 0; c < COLS; c++) begin
            automatic int i = r * COLS + c;
            check("wrap", r, c, pair, longint'($signed(acc_wrap[32*i+:32])), longint'(wrap_model[i]));
            check("saturate", r, c, pair, longint'($signed(acc_saturate[32*i+:32])), longint'(saturate_model[i]));
            check("chain", r, c, pair, longint'($signed(acc_chain[32*i+:32])), longint'(chain_model[i]));
            check("total", r, c, pair, $signed(sum_of_chain[64*i+:64]), total_model[i] + longint'(chain_model[i]));
        end
    endtask

    // The whole sum of each cell at once, by the list functions: the models above went pair by pair.
    task automatic check_sums(input int kind, input int pairs);
        for (int r = 0; r < ROWS; r++) for (int c = 0; c < COLS; c++) begin
            automatic int i = r * COLS + c;
            automatic shortint x[] = new[2*pairs];
            automatic shortint y[] = new[2*pairs];
            int acc, fp32;
            longint exact;
            for (int p = 0; p < 2 * pairs; p++) begin
                x[p] = a_seen[r][p];
                y[p] = b_seen[c][p];
            end
            if (sum_wrap(x, y, acc) != 0) $fatal(1, "%s", dfp16_dpi_error());
            check("whole wrap", r, c, pairs - 1, longint'($signed(acc_wrap[32*i+:32])), longint'(acc));
            if (sum_saturate(x, y, acc) != 0) $fatal(1, "%s", dfp16_dpi_error());
            check("whole saturate", r, c, pairs - 1, longint'($signed(acc_saturate[32*i+:32])), longint'(acc));
            if (kind == 2) begin
                if (sum_exact(x, y, 0, fp32, exact) != 0) $fatal(1, "%s", dfp16_dpi_error());
                check("whole exact", r, c, pairs - 1, $signed(sum_of_chain[64*i+:64]), exact);
            end
        end
    endtask

    // What stands behind an array: its sums become DFP-16, as one tensor. Whole and element by element must agree; so must a sum
    // of one chain, its scale applied, and the accumulator that wraps.
    task automatic check_conversion(input int pairs);
        automatic int v[] = new[CELLS];
        automatic int fp32[] = new[CELLS];
        automatic shortint m[] = new[CELLS];
        automatic shortint x[] = new[2*pairs];
        automatic shortint y[] = new[2*pairs];
        int exponent, bits;
        shortint one;
        for (int i = 0; i < CELLS; i++) begin
            for (int p = 0; p < 2 * pairs; p++) begin
                x[p] = a_seen[i/COLS][p];
                y[p] = b_seen[i%COLS][p];
            end
            v[i] = acc_wrap[32*i+:32];
            if (sum_chain(x, y, pairs, -20, bits) != 0) $fatal(1, "%s", dfp16_dpi_error());
            fp32[i] = bits;
            if (dfp16_scale_exact(longint'(v[i]), -20, bits) != 0) $fatal(1, "%s", dfp16_dpi_error());
            check("chain as FP32", i / COLS, i % COLS, pairs - 1, longint'(fp32[i]), longint'(bits));
        end
        if (down_convert(v, -20, 2, NEAREST_EVEN, 1, 0, 0, exponent, m) != 0) $fatal(1, "%s", dfp16_dpi_error());
        for (int i = 0; i < CELLS; i++) begin
            if (exponent == -126) one = 0;  // all are 0
            else if (dfp16_down_convert_element(v[i], exponent + 20, 2, 0, 0, one) != 0) $fatal(1, "%s", dfp16_dpi_error());
            check("down-convert", i / COLS, i % COLS, pairs - 1, longint'(m[i]), longint'(one));
        end
        if (quantize(fp32, 2, STOCHASTIC, seed, 5, 7, exponent, m) != 0) $fatal(1, "%s", dfp16_dpi_error());
        for (int i = 0; i < CELLS; i++) begin
            bits = int'(dfp16_random_word(seed, 5, 1, 7, longint'(i)));
            if (dfp16_quantize_element(fp32[i], exponent, 2, 2, bits, one) != 0) $fatal(1, "%s", dfp16_dpi_error());
            check("quantize", i / COLS, i % COLS, pairs - 1, longint'(m[i]), longint'(one));
        end
    endtask

    int tests, pairs;
    initial begin
        if (!$value$plusargs("tests=%d", tests)) tests = 200;
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        for (int test = 0; test < tests; test++) begin
            pairs = 1 + int'(word() % MOST_PAIRS);
            for (int pair = 0; pair < pairs; pair++) begin
                while (word() % 4 == 0) @(negedge clk);  // idle cycles change nothing
                draw_pairs(test % 4, pair);
                a = next_a;
                b = next_b;
                valid = 1'b1;
                clear = pair == 0;
                step_models(pair);
                @(negedge clk);
                valid = 1'b0;
                clear = 1'b0;
                check_cells(pair);
            end
            check_sums(test % 4, pairs);
            check_conversion(pairs);
        end
        if (differing == 0 && compared > 0) begin
            $display("PASS: %0d values of %0d tests", compared, tests);
            $finish;
        end else begin
            $display("FAIL: %0d of %0d values differ", differing, compared);
            $fatal(1);
        end
    end
endmodule
