// An array of multiply-accumulate cells for INT16 pairs. Row r and column c meet in cell r * COLS + c; vectors of rows,
// columns and cells have number 0 in their lowest bits. Synthesizable.

`timescale 1ns / 1ps

// One cell: acc + a0*b0 + a1*b1 in INT32, and a 64-bit total of finished chains.
module mac_cell #(
    parameter integer SATURATE = 0,
    parameter integer FAULTY = 0
) (
    input  wire               clk,
    input  wire               clear,
    input  wire               valid,
    input  wire               spill,  // this pair ends a chain
    input  wire        [31:0] a,      // a0 in the low half, a1 in the high half
    input  wire        [31:0] b,
    output reg  signed [31:0] acc,
    output wire signed [63:0] sum
);
    wire signed [15:0] a0 = a[15:0], a1 = a[31:16], b0 = b[15:0], b1 = b[31:16];
    wire signed [31:0] product0 = a0 * b0;
    wire signed [31:0] product1 = a1 * b1;
`ifdef DFP16_PLANT_FAULT
    // A fault to be found, in a simulation with +plant: the last cell takes b1 without its sign.
    reg planted;
    initial planted = FAULTY != 0 && $test$plusargs("plant") != 0;
    wire signed [31:0] second = planted ? product1 + (b1[15] ? {a1, 16'd0} : 32'd0) : product1;
`else
    wire signed [31:0] second = product1;
`endif

    // 33 bits hold every sum of an INT32 and two products.
    wire signed [31:0] base = clear ? 32'sd0 : acc;
    wire signed [32:0] exact = 33'sd0 + base + product0 + second;
    wire fits = exact[32] == exact[31];
    wire signed [31:0] limit = exact[32] ? 32'sh80000000 : 32'sh7fffffff;
    wire signed [31:0] next = SATURATE != 0 && !fits ? limit : exact[31:0];

    reg signed [63:0] total;
    assign sum = total + {{32{acc[31]}}, acc};
    always @(posedge clk) begin
        if (valid) acc <= spill ? 32'sd0 : next;
        else if (clear) acc <= 32'sd0;
        if (valid && spill) total <= (clear ? 64'sd0 : total) + {{32{next[31]}}, next};
        else if (clear) total <= 64'sd0;
    end
endmodule

module mac_array #(
    parameter integer ROWS = 4,
    parameter integer COLS = 4,
    parameter integer SATURATE = 0,  // 0: accumulators wrap (VPDPWSSD); 1: they saturate after each pair (VPDPWSSDS)
    parameter integer CHAIN = 0      // pairs after which an accumulator moves into its 64-bit total; 0: never
) (
    input  wire                    clk,
    input  wire                    clear,  // start from 0: with valid, this pair is the first
    input  wire                    valid,  // one pair for each row and column
    input  wire [   ROWS*32-1:0]   a,
    input  wire [   COLS*32-1:0]   b,
    output wire [ROWS*COLS*32-1:0] acc,    // of the chain under way
    output wire [ROWS*COLS*64-1:0] sum     // of all chains, this one included
);
    reg [31:0] pairs;  // in the chain, before this one
    wire [31:0] number = clear ? 32'd0 : pairs;
    wire spill = CHAIN != 0 && number == CHAIN - 1;
    always @(posedge clk) begin
        if (valid) pairs <= spill ? 32'd0 : number + 32'd1;
        else if (clear) pairs <= 32'd0;
    end

    genvar r, c;
    generate
        for (r = 0; r < ROWS; r = r + 1) begin : row
            for (c = 0; c < COLS; c = c + 1) begin : col
                mac_cell #(
                    .SATURATE(SATURATE),
                    .FAULTY(r == ROWS - 1 && c == COLS - 1 ? 1 : 0)
                ) cell_of (
                    .clk(clk), .clear(clear), .valid(valid), .spill(spill),
                    .a(a[32*r+:32]), .b(b[32*c+:32]),
                    .acc(acc[32*(r*COLS+c)+:32]), .sum(sum[64*(r*COLS+c)+:64])
                );
            end
        end
    endgenerate
endmodule
