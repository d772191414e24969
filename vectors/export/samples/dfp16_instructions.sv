// Sample modules under test for exported cases of VPMADDWD, VPDPWSSD and VPDPWSSDS, a vector a word (the default lanes).
// Ports that a case does not have (c, k) stay open.

// One lane.
module pair_lane #(
    parameter integer ACCUMULATE = 1,
    parameter integer SATURATE = 0
) (
    input  wire        [31:0] a,
    input  wire        [31:0] b,
    input  wire signed [31:0] c,
    output wire        [31:0] d
);
    wire signed [15:0] a0 = a[15:0], a1 = a[31:16], b0 = b[15:0], b1 = b[31:16];
    wire signed [31:0] product0 = a0 * b0, product1 = a1 * b1;
`ifdef DFP16_PLANT_FAULT
    // A fault to be found: VPMADDWD, then a saturating addition. It differs where both products are (-32768)^2.
    wire signed [31:0] pair = product0 + product1;
`else
    wire signed [32:0] pair = 33'sd0 + product0 + product1;
`endif
    wire signed [32:0] exact = 33'sd0 + pair + (ACCUMULATE != 0 ? c : 32'sd0);  // no sum needs more bits
    wire fits = exact[32] == exact[31];
    assign d = SATURATE == 0 || fits ? exact[31:0] : exact[32] ? 32'h80000000 : 32'h7fffffff;
endmodule

`define DFP16_PAIR_INSTRUCTION(NAME, ACCUMULATES, SATURATES) \
module NAME #( \
    parameter integer WIDTH = 512, MASKING = 0, COUNT = 1, \
    parameter integer A_LANES = WIDTH / 16, B_LANES = WIDTH / 16, C_LANES = WIDTH / 32, K_LANES = 1, D_LANES = WIDTH / 32 \
) ( \
    input  wire clk, reset, start, \
    output reg  done, \
    output wire [          31:0] a_raddr, b_raddr, c_raddr, k_raddr, \
    input  wire [16*A_LANES-1:0] a_rdata, b_rdata, \
    input  wire [32*C_LANES-1:0] c_rdata, \
    input  wire [32*K_LANES-1:0] k_rdata, \
    output wire [   D_LANES-1:0] d_we, \
    output reg  [          31:0] d_waddr, \
    output wire [32*D_LANES-1:0] d_wdata \
); \
    reg [31:0] address; \
    reg valid; \
    assign a_raddr = address; \
    assign b_raddr = address; \
    assign c_raddr = address; \
    assign k_raddr = address; \
    assign d_we = {D_LANES{valid}}; \
    genvar lane; \
    generate \
        for (lane = 0; lane < D_LANES; lane = lane + 1) begin : lanes \
            wire [31:0] result; \
            pair_lane #(.ACCUMULATE(ACCUMULATES), .SATURATE(SATURATES)) unit ( \
                .a(a_rdata[32*lane+:32]), .b(b_rdata[32*lane+:32]), .c(c_rdata[32*lane+:32]), .d(result)); \
            assign d_wdata[32*lane+:32] = MASKING == 0 || k_rdata[lane] ? result \
                : MASKING == 1 ? c_rdata[32*lane+:32] : 32'd0; \
        end \
    endgenerate \
    always @(posedge clk) begin \
        d_waddr <= address; \
        valid <= !done && address < COUNT; \
        if (reset) begin \
            done <= 1'b1; \
            valid <= 1'b0; \
            address <= 0; \
        end else if (start) begin \
            done <= 1'b0; \
            address <= 0; \
        end else if (!done) begin \
            address <= address + 1; \
            if (address == COUNT) done <= 1'b1; \
        end \
    end \
endmodule

`DFP16_PAIR_INSTRUCTION(dfp16_vpmaddwd, 0, 0)
`DFP16_PAIR_INSTRUCTION(dfp16_vpdpwssd, 1, 0)
`DFP16_PAIR_INSTRUCTION(dfp16_vpdpwssds, 1, 1)
