// Sample module under test for exported cases of conv_forward, policies wrap and saturate: one multiplier, in the contract's
// order of products (blocks of 16 channels, r, s, channel). Default lanes and order: one element a word, row-major.
module dfp16_conv_forward #(
    parameter integer N = 1, C = 1, H = 1, W = 1, K = 1, R = 1, S = 1, P = 1, Q = 1,
    parameter integer STRIDE_H = 1, STRIDE_W = 1, PAD_H = 0, PAD_W = 0, GROUPS = 1,
    parameter integer POLICY = 2,
    parameter integer CHAIN = 64,
    parameter integer X_LANES = 1, W_LANES = 1, Y_LANES = 1
) (
    input  wire clk, reset, start,
    output reg  done,
    output wire        [          31:0] x_raddr,
    input  wire        [16*X_LANES-1:0] x_rdata,
    input  wire signed [          15:0] x_exponent,
    output wire        [          31:0] w_raddr,
    input  wire        [16*W_LANES-1:0] w_rdata,
    input  wire signed [          15:0] w_exponent,
    output reg         [   Y_LANES-1:0] y_we,
    output reg         [          31:0] y_waddr,
    output wire        [32*Y_LANES-1:0] y_wdata,
    output wire signed [          15:0] y_exponent_out
);
    localparam integer CG = C / GROUPS, KG = K / GROUPS;
    initial if (POLICY != 2 && POLICY != 3) $display("dfp16_conv_forward: policy %0d, it does 2 and 3", POLICY);

    integer n, k, p, q;       // the output
    integer block, r, s, ch;  // the product: ch counts within the group
    wire signed [31:0] row = p * STRIDE_H - PAD_H + r, column = q * STRIDE_W - PAD_W + s;
    wire on_padding = row < 0 || row >= H || column < 0 || column >= W;
    wire block_ends = ch == CG - 1 || ch == block + 15;
    wire output_ends = ch == CG - 1 && r == R - 1 && s == S - 1;
    assign x_raddr = on_padding ? 0 : ((n * C + k / KG * CG + ch) * H + row) * W + column;
    assign w_raddr = ((k * CG + ch) * R + r) * S + s;
    assign y_exponent_out = x_exponent + w_exponent;

    // What belongs to the data that the memories give now.
    reg valid, zero, second, closes, last;
    reg [31:0] address;
    wire signed [15:0] x = x_rdata[15:0], w = w_rdata[15:0];
    wire signed [31:0] product = zero ? 32'sd0 : x * w;
    reg signed [31:0] held, acc;  // the pair's first product; the sum
    wire signed [32:0] exact = 33'sd0 + acc + product + (second ? held : 32'sd0);
    wire fits = exact[32] == exact[31];
    wire signed [31:0] next = POLICY != 3 || fits ? exact[31:0] : exact[32] ? 32'sh80000000 : 32'sh7fffffff;
    reg signed [31:0] result;
    assign y_wdata = result;

    reg running;
    always @(posedge clk) begin
        // Addresses.
        if (running) begin
            ch <= ch + 1;
            if (block_ends) begin
                ch <= block;
                s <= s + 1;
                if (s == S - 1) begin
                    s <= 0;
                    r <= r + 1;
                    if (r == R - 1) begin
                        r <= 0;
                        block <= block + 16;
                        ch <= block + 16;
                    end
                end
            end
            if (output_ends) begin
                block <= 0;
                ch <= 0;
                q <= q + 1;
                if (q == Q - 1) begin
                    q <= 0;
                    p <= p + 1;
                    if (p == P - 1) begin
                        p <= 0;
                        k <= k + 1;
                        if (k == K - 1) begin
                            k <= 0;
                            n <= n + 1;
                            if (n == N - 1) running <= 1'b0;
                        end
                    end
                end
            end
        end
        valid <= running;
        zero <= on_padding;
        second <= (ch - block) % 2 == 1;
        closes <= (ch - block) % 2 == 1 || block_ends;
        last <= output_ends;
        address <= ((n * K + k) * P + p) * Q + q;

        // Data.
        y_we <= 0;
        if (valid) begin
            if (closes) acc <= last ? 32'sd0 : next;
            else held <= product;
            if (last) begin
                result <= next;
                y_we <= 1;
                y_waddr <= address;
            end
        end
        done <= !running && !valid && !(|y_we);

        if (reset || start) begin
            n <= 0; k <= 0; p <= 0; q <= 0;
            block <= 0; r <= 0; s <= 0; ch <= 0;
            acc <= 0;
            valid <= 1'b0;
            running <= start && !reset;
            done <= reset;
        end
    end
endmodule
