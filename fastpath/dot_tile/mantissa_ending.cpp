#include "fastpath/dot_tile/mantissa_ending.h"

#include <cstddef>

namespace dfp16::fast {

namespace {

// The operations of QuantizeArguments. Added to 1.5 * 2^23, a number becomes an integer in the low bits of the sum,
// rounded once: its low 16 bits are the mantissa. ReLU comes there, too, where it also makes 0 of a NaN. What INT16
// does not hold is wrong, but larger than expected, so all is written again.
class EndingCode {
public:
    EndingCode(Xbyak::CodeGenerator& code, int rows, int parts, const MantissaEnding& ending)
        : c_(code), rows_(rows), parts_(parts), ending_(ending) {}

    void write(const Xbyak::Reg64& arguments, const Xbyak::Reg64& rows_before) {
        Xbyak::Label stream, done;
        c_.mov(mantissas_, c_.ptr[arguments + offsetof(DotTileArguments, mantissas)]);
        c_.vmovdqu64(low_words_, c_.ptr[mantissas_ + offsetof(TileMantissas, low_words)]);
        c_.vbroadcastss(to_integer_, c_.ptr[mantissas_ + offsetof(TileMantissas, to_integer)]);
        c_.vpxord(largest_, largest_, largest_);
        c_.mov(part_stride_, c_.ptr[mantissas_ + offsetof(TileMantissas, part_stride)]);
        c_.mov(c_.rax, rows_before);
        c_.shl(c_.rax, 5);
        c_.mov(out_, c_.ptr[mantissas_ + offsetof(TileMantissas, out)]);
        c_.add(out_, c_.rax);
        if (ending_.masked) {
            c_.mov(mask_, c_.ptr[mantissas_ + offsetof(TileMantissas, mask_bits)]);
            c_.lea(mask_, c_.ptr[mask_ + 2 * rows_before]);
        } else {
            c_.mov(c_.eax, 0xFFFF);
            c_.kmovd(first_row_, c_.eax);
        }
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

    // Words 0 to 15 of the first row, 16 to 31 of the second one.
    void write_two_rows(int row, int part, bool stream) {
        const Xbyak::Zmm first = sums(row, part);
        const Xbyak::Zmm second = sums(row + 1, part);
        to_results(first, part);
        to_results(second, part);
        keep_larger(packed_, first, second);
        keep_larger(largest_, largest_, packed_);
        to_mantissas(first);
        to_mantissas(second);
        if (ending_.masked) {
            c_.kmovd(both_rows_, c_.ptr[mask_ + 2 * row]);
            c_.kmovw(first_row_, c_.ptr[mask_ + 2 * row]);
            c_.vpermw(packed_ | both_rows_ | c_.T_z, low_words_, second);
        } else {
            c_.vpermw(packed_, low_words_, second);
        }
        c_.vpermw(packed_ | first_row_, low_words_, first);
        const Xbyak::Address place = c_.ptr[out_ + 32 * row];
        stream ? c_.vmovntdq(place, packed_) : c_.vmovdqu64(place, packed_);
    }

    void write_row(int row, int part) {
        const Xbyak::Zmm sum = sums(row, part);
        to_results(sum, part);
        keep_larger(largest_, largest_, sum);
        to_mantissas(sum);
        if (ending_.masked) c_.kmovw(first_row_, c_.ptr[mask_ + 2 * row]);
        c_.vpermw(packed_ | first_row_ | c_.T_z, low_words_, sum);
        c_.vmovdqu64(c_.ptr[out_ + 32 * row], Xbyak::Ymm(packed_.getIdx()));
    }

    // Without a bias all but the scale.
    void to_results(const Xbyak::Zmm& sum, int part) {
        c_.vcvtdq2ps(sum, sum);
        if (!ending_.bias) return;
        c_.vmulps(sum, sum, constant(offsetof(TileMantissas, scale)));
        c_.vaddps(sum, sum, c_.ptr[bias_ + 64 * part]);
    }

    // The mantissa in the low words.
    void to_mantissas(const Xbyak::Zmm& result) {
        c_.vfmadd132ps(result, to_integer_, constant(offsetof(TileMantissas, result_to_mantissa)));
        if (ending_.relu) c_.vmaxps(result, result, to_integer_);
    }

    // Largest magnitudes start at 0, as ReLU's results. One that may be NaN, which ReLU makes 0, comes second.
    void keep_larger(const Xbyak::Zmm& larger, const Xbyak::Zmm& first, const Xbyak::Zmm& second) {
        constexpr std::uint8_t larger_magnitude = 0x0B;
        ending_.relu ? c_.vmaxps(larger, second, first) : c_.vrangeps(larger, first, second, larger_magnitude);
    }

    void write_largest() {
        c_.mov(out_, c_.ptr[mantissas_ + offsetof(TileMantissas, largest)]);
        c_.vmaxps(largest_, largest_, c_.ptr[out_]);
        c_.vmovups(c_.ptr[out_], largest_);
    }

    Xbyak::Zmm sums(int row, int part) const { return Xbyak::Zmm(row * parts_ + part); }
    Xbyak::Address constant(std::size_t offset) { return c_.ptr_b[mantissas_ + static_cast<int>(offset)]; }

    Xbyak::CodeGenerator& c_;
    int rows_;
    int parts_;
    MantissaEnding ending_;
    Xbyak::Zmm low_words_{28};
    Xbyak::Zmm to_integer_{29};
    Xbyak::Zmm largest_{30};
    Xbyak::Zmm packed_{31};
    Xbyak::Opmask first_row_{1};
    Xbyak::Opmask both_rows_{2};
    const Xbyak::Reg64& mantissas_ = c_.rsi;
    const Xbyak::Reg64& out_ = c_.rdx;
    const Xbyak::Reg64& part_stride_ = c_.rcx;
    const Xbyak::Reg64& mask_ = c_.r8;
    const Xbyak::Reg64& bias_ = c_.r9;
};

}  // namespace

void write_mantissa_ending(Xbyak::CodeGenerator& code, int rows, int parts, const MantissaEnding& ending,
                           const Xbyak::Reg64& arguments, const Xbyak::Reg64& rows_before) {
    EndingCode(code, rows, parts, ending).write(arguments, rows_before);
}

}  // namespace dfp16::fast
