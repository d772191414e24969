// Sample module under test for exported cases of gemm, policies wrap and saturate, on the array of
// vectors/dpi/samples/mac_array.sv. With tiles of R x C cells, export with lanes a=2R, b=2C, c=R*C and the orders
// a = m/R,k/2,m%R,k%2   b = n/C,k/2,n%C,k%2   c = m/R,n/C,m%R,n%C: one word of a and of b is one step of a tile.
module dfp16_gemm #(
    parameter integer M = 1, N = 1, K = 1,
    parameter integer POLICY = 2,
    parameter integer CHAIN = 64,
    parameter integer A_LANES = 8, B_LANES = 8, C_LANES = 16
) (
    input  wire clk, reset, start,
    output wire done,
    output wire        [          31:0] a_raddr,
    input  wire        [16*A_LANES-1:0] a_rdata,
    input  wire signed [          15:0] a_exponent,
    output wire        [          31:0] b_raddr,
    input  wire        [16*B_LANES-1:0] b_rdata,
    input  wire signed [          15:0] b_exponent,
    output wire        [   C_LANES-1:0] c_we,
    output wire        [          31:0] c_waddr,
    output wire        [32*C_LANES-1:0] c_wdata,
    output wire signed [          15:0] c_exponent_out
);
    localparam integer ROWS = A_LANES / 2, COLS = B_LANES / 2;
    localparam integer STEPS = (K + 1) / 2;
    localparam integer TILE_ROWS = (M + ROWS - 1) / ROWS, TILE_COLS = (N + COLS - 1) / COLS;
    initial begin
        if (POLICY != 2 && POLICY != 3) $display("dfp16_gemm: policy %0d, it does wrap (2) and saturate (3)", POLICY);
        if (C_LANES != ROWS * COLS) $display("dfp16_gemm: lanes of c %0d, expected %0d", C_LANES, ROWS * COLS);
    end

    localparam IDLE = 2'd0, READ = 2'd1, LAST = 2'd2, WRITE = 2'd3;
    reg [1:0] state;
    reg [31:0] tile_row, tile_col, step;
    reg valid, first;  // of the data that the memories give now

    assign done = state == IDLE;
    assign a_raddr = tile_row * STEPS + step;
    assign b_raddr = tile_col * STEPS + step;
    assign c_waddr = tile_row * TILE_COLS + tile_col;
    assign c_we = {C_LANES{state == WRITE}};
    assign c_exponent_out = a_exponent + b_exponent;

    wire [64*ROWS*COLS-1:0] unused_sum;
    mac_array #(.ROWS(ROWS), .COLS(COLS), .SATURATE(POLICY == 3), .CHAIN(0)) array (
        .clk(clk), .clear(valid && first), .valid(valid), .a(a_rdata), .b(b_rdata), .acc(c_wdata), .sum(unused_sum)
    );

    always @(posedge clk) begin
        valid <= state == READ;
        first <= step == 0;
        case (state)
            IDLE: begin
                tile_row <= 0;
                tile_col <= 0;
                step <= 0;
                if (start) state <= READ;
            end
            READ: begin
                step <= step + 1;
                if (step == STEPS - 1) state <= LAST;
            end
            LAST: state <= WRITE;
            WRITE: begin
                step <= 0;
                state <= READ;
                if (tile_col != TILE_COLS - 1) begin
                    tile_col <= tile_col + 1;
                end else begin
                    tile_col <= 0;
                    tile_row <= tile_row + 1;
                    if (tile_row == TILE_ROWS - 1) state <= IDLE;
                end
            end
        endcase
        if (reset) begin
            state <= IDLE;
            valid <= 1'b0;
        end
    end
endmodule
