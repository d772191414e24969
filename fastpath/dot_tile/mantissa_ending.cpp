#include "fastpath/dot_tile/mantissa_ending.h"

#include <cstddef>

namespace dfp16::fast {

namespace {

// The operations of QuantizeArguments in their order. Largest magnitudes are kept in two registers, as each waits for
// the one before.
class EndingCode {
public:
    EndingCode(Xbyak::CodeGenerator& code, int rows, int parts, const MantissaEnding& ending)
        : c_(code), rows_(rows), parts_(parts), ending_(ending) {}

    void write(const Xbyak::Reg64& arguments) {
        Xbyak::Label stream, done;
        c_.mov(mantissas_, c_.ptr[arguments + offsetof(DotTileArguments, mantissas)]);
        c_.vmovdqu64(order_, c_.ptr[mantissas_ + offsetof(TileMantissas, rows_in_order)]);
        for (const Xbyak::Zmm& largest : largest_) c_.vpxord(largest, largest, largest);
        c_.mov(part_stride_, c_.ptr[mantissas_ + offsetof(TileMantissas, part_stride)]);
        c_.mov(out_, c_.ptr[mantissas_ + offsetof(TileMantissas, out)]);
        if (ending_.masked) c_.mov(mask_, c_.ptr[mantissas_ + offsetof(TileMantissas, mask_bits)]);
        if (ending_.bias) c_.mov(bias_, c_.ptr[mantissas_ + offsetof(TileMantissas, bias)]);
        c_.cmp(c_.qword[mantissas_ + offsetof(TileMantissas, stream)], 0);
        c_.jnz(stream, Xbyak::CodeGenerator::T_NEAR);
        write_parts(false);
        c_.jmp(done, Xbyak::CodeGenerator::T_NEAR);
        c_.L(stream);
        write_parts(true);
        c_.L(done);
        write_largest();
    }

private:
    static constexpr std::uint8_t kLargerMagnitude = 0x0B;

    void write_parts(bool stream) {
        for (int part = 0; part < parts_; ++part) {
            int row = 0;
            for (; row + 2 <= rows_; row += 2) write_two_rows(row, part, stream);
            if (row < rows_) write_row(row, part);
            if (part + 1 == parts_) break;
            c_.add(out_, part_stride_);
            if (!ending_.masked) continue;
            c_.mov(c_.rax, part_stride_);
            c_.shr(c_.rax, 4);  // two bytes of bits for 32 of mantissas
            c_.add(mask_, c_.rax);
        }
    }

    void write_two_rows(int row, int part, bool stream) {
        for (const int i : {row, row + 1}) convert(i, part);
        c_.vpackssdw(packed_, sums(row, part), sums(row + 1, part));
        c_.vpermq(packed_, order_, packed_);
        const Xbyak::Address place = c_.ptr[out_ + 32 * row];
        stream ? c_.vmovntdq(place, packed_) : c_.vmovdqu64(place, packed_);
    }

    void write_row(int row, int part) {
        convert(row, part);
        c_.vpmovsdw(c_.ptr[out_ + 32 * row], sums(row, part));
    }

    // A sum to an unsaturated mantissa.
    void convert(int row, int part) {
        const Xbyak::Zmm sum = sums(row, part);
        const Xbyak::Zmm& largest = largest_[row % 2];
        c_.vcvtdq2ps(sum, sum);
        c_.vmulps(sum, sum, constant(offsetof(TileMantissas, scale)));
        if (ending_.bias) c_.vaddps(sum, sum, c_.ptr[bias_ + 64 * part]);
        if (ending_.relu) {
            c_.vmaxps(sum, sum, constant(offsetof(TileMantissas, zero)));
            c_.vmaxps(largest, largest, sum);
        } else {
            c_.vrangeps(largest, largest, sum, kLargerMagnitude);
        }
        if (ending_.bias) c_.vmulps(sum, sum, constant(offsetof(TileMantissas, to_mantissa)));
        if (ending_.masked) {
            c_.kmovw(c_.k1, c_.ptr[mask_ + 2 * row]);
            c_.vcvtps2dq(sum | c_.k1 | c_.T_z, sum);
        } else {
            c_.vcvtps2dq(sum, sum);
        }
    }

    void write_largest() {
        const Xbyak::Zmm& all = largest_[0];
        c_.vrangeps(all, all, largest_[1], kLargerMagnitude);
        c_.mov(out_, c_.ptr[mantissas_ + offsetof(TileMantissas, largest)]);
        c_.vmaxps(all, all, c_.ptr[out_]);
        c_.vmovups(c_.ptr[out_], all);
    }

    Xbyak::Zmm sums(int row, int part) const { return Xbyak::Zmm(row * parts_ + part); }
    Xbyak::Address constant(std::size_t offset) { return c_.ptr_b[mantissas_ + static_cast<int>(offset)]; }

    Xbyak::CodeGenerator& c_;
    int rows_;
    int parts_;
    MantissaEnding ending_;
    Xbyak::Zmm order_{28};
    Xbyak::Zmm largest_[2] = {Xbyak::Zmm(29), Xbyak::Zmm(30)};
    Xbyak::Zmm packed_{31};
    const Xbyak::Reg64& mantissas_ = c_.rsi;
    const Xbyak::Reg64& out_ = c_.rdx;
    const Xbyak::Reg64& part_stride_ = c_.rcx;
    const Xbyak::Reg64& mask_ = c_.r8;
    const Xbyak::Reg64& bias_ = c_.r9;
};

}  // namespace

void write_mantissa_ending(Xbyak::CodeGenerator& code, int rows, int parts, const MantissaEnding& ending,
                           const Xbyak::Reg64& arguments) {
    EndingCode(code, rows, parts, ending).write(arguments);
}

}  // namespace dfp16::fast
