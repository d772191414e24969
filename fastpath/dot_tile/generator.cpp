#include "fastpath/dot_tile/generator.h"

#include <xbyak/xbyak.h>

#include <cstddef>
#include <vector>

#include "fastpath/dot_tile/mantissa_ending.h"

namespace dfp16::fast {

namespace {

/// Two pixels of 16 channels to pairs.
alignas(64) constexpr std::uint16_t kPixelOrder[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                       8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

// Registers: tile * parts accumulators, then one vector of packed operands for each part, then the broadcast pair and
// the products. One part is 16 lanes in ZMM, 8 lanes in YMM. System V calling convention; all but fetch_, origin_,
// tiles_left_, pixel_ and second_part_ are scratch.
class Generator final : public GeneratedDotTile, private Xbyak::CodeGenerator {
public:
    explicit Generator(const DotTileShape& shape)
        : Xbyak::CodeGenerator(kCodeBytes, Xbyak::DontSetProtectRWE),
          shape_(shape),
          zmm_(shape.isa != Isa::avx2),
          part_lanes_(zmm_ ? 16 : 8),
          parts_(shape.lanes / part_lanes_) {
        write_loop_over_chains();
        setProtectModeRE();
    }

    DotTile entry() const override { return getCode<DotTile>(); }

private:
    static constexpr std::size_t kCodeBytes = 64 * 1024;
    static constexpr int kUnroll = 4;

    Xbyak::Xmm vector(int index) const {
        if (zmm_) return Xbyak::Zmm(index);
        return Xbyak::Ymm(index);
    }
    Xbyak::Xmm accumulator(int row, int part) const { return vector(row * parts_ + part); }
    Xbyak::Xmm packed(int part) const { return vector(shape_.tile * parts_ + part); }
    Xbyak::Xmm pair() const { return vector((shape_.tile + 1) * parts_); }
    Xbyak::Xmm overflow() const { return product(); }  // VNNI has no products between
    Xbyak::Xmm product() const { return vector((shape_.tile + 1) * parts_ + 1); }

    const Xbyak::Reg64& arguments_ = rdi;
    const Xbyak::Reg64& broadcast_ = rsi;
    const Xbyak::Reg64& vectors_ = rdx;
    const Xbyak::Reg64& offsets_ = rcx;
    const Xbyak::Reg64& chains_ = r8;
    const Xbyak::Reg64& chain_count_ = r9;
    const Xbyak::Reg64& sums_ = r10;
    const Xbyak::Reg64& offset_ = rax;
    const Xbyak::Reg64& pairs_ = r11;
    const Xbyak::Reg64& fetch_ = rbx;
    // Where vectors are pixels.
    const Xbyak::Reg64& pixel_ = r13;
    const Xbyak::Reg64& second_part_ = r14;
    Xbyak::Zmm pixel_order() const { return Xbyak::Zmm(31); }
    // Of tiles that end in mantissas, which have no sums and fetch nothing.
    const Xbyak::Reg64& rows_before_ = r10;
    const Xbyak::Reg64& origin_ = rbx;
    const Xbyak::Reg64& tiles_left_ = r12;

    void write_loop_over_chains() {
        if (shape_.ending) return write_loop_over_tiles();
        if (shape_.fetches) {
            push(fetch_);
            mov(fetch_, ptr[arguments_ + offsetof(DotTileArguments, fetch)]);
        }
        if (shape_.pixels) start_pixels();
        mov(broadcast_, ptr[arguments_ + offsetof(DotTileArguments, broadcast)]);
        mov(sums_, ptr[arguments_ + offsetof(DotTileArguments, sums)]);
        load_operands();
        shape_.spill == Spill::each_chain ? write_separate_chains() : write_continued_chains();
        if (shape_.pixels) {
            pop(second_part_);
            pop(pixel_);
        }
        if (shape_.fetches) pop(fetch_);
        vzeroupper();
        ret();
    }

    void start_pixels() {
        push(pixel_);
        push(second_part_);
        mov(rax, reinterpret_cast<std::uintptr_t>(kPixelOrder));
        vmovdqa64(pixel_order(), ptr[rax]);
        mov(second_part_, ptr[arguments_ + offsetof(DotTileArguments, vectors)]);
        add(second_part_, ptr[arguments_ + offsetof(DotTileArguments, part_stride)]);
    }

    void load_operands() {
        mov(vectors_, ptr[arguments_ + offsetof(DotTileArguments, vectors)]);
        mov(offsets_, ptr[arguments_ + offsetof(DotTileArguments, offsets)]);
        mov(chains_, ptr[arguments_ + offsetof(DotTileArguments, chains)]);
        mov(chain_count_, ptr[arguments_ + offsetof(DotTileArguments, chain_count)]);
    }

    // Each ends in mantissas, but the first one that notes an overflow ends all.
    void write_loop_over_tiles() {
        Xbyak::Label tile, stop;
        push(origin_);
        push(tiles_left_);
        mov(rax, ptr[arguments_ + offsetof(DotTileArguments, mantissas)]);
        mov(tiles_left_, ptr[rax + offsetof(TileMantissas, tiles)]);
        mov(origin_, ptr[arguments_ + offsetof(DotTileArguments, broadcast)]);
        xor_(rows_before_, rows_before_);
        L(tile);
        mov(broadcast_, origin_);
        load_operands();
        shape_.spill == Spill::each_chain ? write_chain(true) : write_continued_chains(stop);
        mov(rax, ptr[arguments_ + offsetof(DotTileArguments, mantissas)]);
        add(origin_, ptr[rax + offsetof(TileMantissas, tile_stride)]);
        add(rows_before_, shape_.tile);
        dec(tiles_left_);
        jnz(tile, T_NEAR);
        L(stop);
        mov(rax, ptr[arguments_ + offsetof(DotTileArguments, mantissas)]);
        mov(rcx, ptr[rax + offsetof(TileMantissas, tiles)]);
        sub(rcx, tiles_left_);
        mov(rax, ptr[rax + offsetof(TileMantissas, done)]);
        mov(ptr[rax], rcx);
        pop(tiles_left_);
        pop(origin_);
        vzeroupper();
        ret();
    }

    void write_separate_chains() {
        Xbyak::Label chain, done;
        if (shape_.fresh) write_chain(true);
        test(chain_count_, chain_count_);
        jz(done, T_NEAR);
        L(chain);
        write_chain(false);
        jnz(chain, T_NEAR);
        L(done);
    }

    // Ends with the flags of the chains that are left.
    void write_chain(bool fresh) {
        start_chain(fresh);
        write_loop_over_pairs();
        if (shape_.ending) return write_ending();
        for_each_accumulator([&](int row, int part) { end_chain(accumulator(row, part), row, part, fresh); });
        next_chain();
    }

    void write_ending() { write_mantissa_ending(*this, shape_.tile, parts_, *shape_.ending, arguments_, rows_before_); }

    void next_chain() {
        add(chains_, 8);
        dec(chain_count_);
    }

    void write_continued_chains() {
        Xbyak::Label done;
        test(chain_count_, chain_count_);
        jz(done, T_NEAR);
        write_continued_chains(done);
        L(done);
    }

    // One sum to the end, which between two chains must be where the next one cannot overflow. It starts from `reach`,
    // so that it is there if it is below 2 * reach, without a sign.
    void write_continued_chains(const Xbyak::Label& overflown) {
        constexpr std::uint8_t at_least = 5;
        Xbyak::Label chain, last;
        vpxord(overflow(), overflow(), overflow());
        const Xbyak::Address reach = ptr[arguments_ + offsetof(DotTileArguments, reach)];
        vpbroadcastd(packed(0), reach);
        for_each_accumulator([&](int row, int part) { vmovdqa32(accumulator(row, part), packed(0)); });
        L(chain);
        write_loop_over_pairs();
        next_chain();
        jz(last, T_NEAR);
        vpxord(pair(), pair(), pair());  // of every second row
        for_each_accumulator([&](int row, int part) {
            const Xbyak::Xmm largest = row % 2 == 0 ? overflow() : pair();
            vpmaxud(largest, largest, accumulator(row, part));
        });
        vpmaxud(overflow(), overflow(), pair());
        jmp(chain, T_NEAR);
        L(last);
        vpbroadcastd(packed(0), reach);
        vpaddd(pair(), packed(0), packed(0));
        vpcmpud(k1, overflow(), pair(), at_least);
        for_each_accumulator(
            [&](int row, int part) { vpsubd(accumulator(row, part), accumulator(row, part), packed(0)); });
        if (shape_.ending) {
            write_overflow();
            jnz(overflown, T_NEAR);
            write_ending();
        } else if (shape_.spill == Spill::at_end_short) {
            vpxord(overflow(), overflow(), overflow());
            for_each_accumulator([&](int row, int part) { add_checked(accumulator(row, part), row, part); });
            vpmovd2m(k2, overflow());
            korw(k1, k1, k2);
            write_overflow();
        } else {
            write_overflow();
            jnz(overflown, T_NEAR);
            for_each_accumulator(
                [&](int row, int part) { add_int64(accumulator(row, part), row, part, shape_.fresh); });
        }
    }

    template <typename Write>
    void for_each_accumulator(const Write& write) {
        for (int row = 0; row < shape_.tile; ++row) {
            for (int part = 0; part < parts_; ++part) write(row, part);
        }
    }

    void start_chain(bool fresh) {
        for_each_accumulator([&](int row, int part) {
            const Xbyak::Xmm sum = accumulator(row, part);
            if (shape_.policy == Policy::saturate && !fresh) {
                vmovups(sum, sums_of(row, part, 4));
            } else if (zmm_) {
                vpxord(sum, sum, sum);
            } else {
                vpxor(sum, sum, sum);
            }
        });
    }

    // Of a chain, piece by piece.
    void write_loop_over_pairs() {
        Xbyak::Label piece, end;
        L(piece);
        write_piece();
        mov(eax, ptr[chains_ + 4]);
        test(eax, eax);
        jz(end, T_NEAR);
        if (!shape_.pixels) write_gap();
        test(eax, 1);
        jz(end, T_NEAR);
        add(chains_, 8);
        jmp(piece, T_NEAR);
        L(end);
    }

    // As eax has it, shifted by one.
    void write_gap() {
        mov(pairs_.cvt32(), eax);
        shr(pairs_, 1);
        lea(offsets_, ptr[offsets_ + 8 * pairs_]);
        imul(pairs_, pairs_, 4 * shape_.lanes);
        add(vectors_, pairs_);
    }

    void write_piece() {
        Xbyak::Label done;
        mov(pairs_.cvt32(), ptr[chains_]);
        const std::vector<EndRows> left_out = ends();
        std::vector<Xbyak::Label> loops(left_out.size());
        if (!left_out.empty()) {
            mov(eax, pairs_.cvt32());
            and_(pairs_.cvt32(), (1 << kEndRowsShift) - 1);
            shr(eax, kEndRowsShift);
        }
        for (std::size_t i = 0; i < loops.size(); ++i) {
            cmp(eax, left_out[i]);
            je(loops[i], T_NEAR);
        }
        write_pairs(0, done);
        for (std::size_t i = 0; i < loops.size(); ++i) {
            jmp(done, T_NEAR);
            L(loops[i]);
            write_pairs(left_out[i], done);
        }
        L(done);
    }

    // What pieces may leave out, beside nothing.
    std::vector<EndRows> ends() const {
        std::vector<EndRows> all;
        for (EndRows rows = 1; rows <= shape_.first_rows; ++rows) all.push_back(rows);
        for (EndRows rows = 1; rows <= shape_.last_rows; ++rows) all.push_back(kMostEndRows + rows);
        return all;
    }

    // To `done`, or to the end.
    void write_pairs(EndRows left_out, const Xbyak::Label& done) {
        Xbyak::Label unrolled, rest, one;
        sub(pairs_, kUnroll);
        jl(rest, T_NEAR);
        align(32);
        L(unrolled);
        for (int i = 0; i < kUnroll; ++i) add_pair(i, left_out);
        advance(kUnroll);
        sub(pairs_, kUnroll);
        jge(unrolled, T_NEAR);
        L(rest);
        add(pairs_, kUnroll);
        jz(done, T_NEAR);
        L(one);
        add_pair(0, left_out);
        advance(1);
        dec(pairs_);
        jnz(one, T_NEAR);
    }

    void advance(int pairs) {
        add(offsets_, (shape_.pixels ? 16 : 8) * pairs);
        if (!shape_.pixels) add(vectors_, 4 * shape_.lanes * pairs);
        if (shape_.fetches) add(fetch_, 64 * pairs);
    }

    void add_pair(int i, EndRows left_out) {
        mov(offset_, ptr[offsets_ + (shape_.pixels ? 16 : 8) * i]);
        if (shape_.fetches) prefetcht1(ptr[fetch_ + 64 * i]);
        shape_.pixels ? load_pixels(i) : load_vectors(i);
        for (int row = 0; row < shape_.tile; ++row) {
            if (leaves_out(left_out, row)) continue;
            vpbroadcastd(pair(), ptr[broadcast_ + offset_ + displacement(row)]);
            for (int part = 0; part < parts_; ++part) multiply_add(accumulator(row, part), packed(part));
        }
    }

    void load_vectors(int i) {
        for (int part = 0; part < parts_; ++part) {
            vmovups(packed(part), ptr[vectors_ + 4 * (shape_.lanes * i + part_lanes_ * part)]);
        }
    }

    void load_pixels(int i) {
        mov(pixel_, ptr[offsets_ + 16 * i + 8]);
        vpermw(packed(0), pixel_order(), ptr[vectors_ + pixel_]);
        if (parts_ == 2) vpermw(packed(1), pixel_order(), ptr[second_part_ + pixel_]);
    }

    bool leaves_out(EndRows ends, int row) const {
        const int run = shape_.run == 0 ? shape_.tile : shape_.run;
        return ends <= kMostEndRows ? row % run < ends : row % run >= run - rows_left_out(ends);
    }

    int displacement(int row) const {
        if (shape_.run == 0) return static_cast<int>(row * shape_.stride);
        return static_cast<int>(row / shape_.run * shape_.run_stride + row % shape_.run * shape_.stride);
    }

    void multiply_add(const Xbyak::Xmm& sum, const Xbyak::Xmm& operand) {
        if (shape_.policy == Policy::saturate) {
            vpdpwssds(sum, operand, pair());
        } else if (shape_.isa >= Isa::avx512vnni) {
            vpdpwssd(sum, operand, pair());
        } else {
            vpmaddwd(product(), operand, pair());
            vpaddd(sum, sum, product());
        }
    }

    Xbyak::Address sums_of(int row, int part, int element_bytes) {
        return ptr[sums_ + element_bytes * (row * shape_.lanes + part * part_lanes_)];
    }

    void end_chain(const Xbyak::Xmm& sum, int row, int part, bool fresh) {
        switch (shape_.policy) {
            case Policy::exact: add_int64(sum, row, part, fresh); break;
            case Policy::chain:
                vcvtdq2ps(sum, sum);
                if (!fresh) vaddps(sum, sum, sums_of(row, part, 4));
                vmovups(sums_of(row, part, 4), sum);
                break;
            case Policy::wrap:
                if (!fresh) vpaddd(sum, sum, sums_of(row, part, 4));
                vmovups(sums_of(row, part, 4), sum);
                break;
            case Policy::saturate: vmovups(sums_of(row, part, 4), sum); break;
            case Policy::fma: break;  // no INT16 sum
        }
    }

    // A sum left INT32 if its sign differs from those of both that it is made of.
    void add_checked(const Xbyak::Xmm& sum, int row, int part) {
        if (shape_.fresh) return vmovups(sums_of(row, part, 4), sum);
        constexpr std::uint8_t differs_from_both = 0x42;
        const Xbyak::Xmm total = packed(0);
        const Xbyak::Xmm before = pair();
        vmovups(before, sums_of(row, part, 4));
        vpaddd(total, sum, before);
        vpternlogd(before, sum, total, differs_from_both);
        vpord(overflow(), overflow(), before);
        vmovups(sums_of(row, part, 4), total);
    }

    // What k1 says; ends with its flags.
    void write_overflow() {
        kmovw(eax, k1);
        mov(rdx, ptr[arguments_ + offsetof(DotTileArguments, overflow)]);
        mov(ptr[rdx], eax);
        test(eax, eax);
    }

    // The operands are spent, so their registers hold the two halves of the chain as INT64.
    void add_int64(const Xbyak::Xmm& sum, int row, int part, bool fresh) {
        const Xbyak::Xmm low = packed(0);
        const Xbyak::Xmm high = pair();
        const Xbyak::Address low_sums = sums_of(row, part, 8);
        const Xbyak::Address high_sums = ptr[sums_ + 8 * (row * shape_.lanes + part * part_lanes_ + part_lanes_ / 2)];
        if (zmm_) {
            vextracti64x4(Xbyak::Ymm(high.getIdx()), Xbyak::Zmm(sum.getIdx()), 1);
            vpmovsxdq(Xbyak::Zmm(low.getIdx()), Xbyak::Ymm(sum.getIdx()));
            vpmovsxdq(Xbyak::Zmm(high.getIdx()), Xbyak::Ymm(high.getIdx()));
        } else {
            vextracti128(Xbyak::Xmm(high.getIdx()), Xbyak::Ymm(sum.getIdx()), 1);
            vpmovsxdq(Xbyak::Ymm(low.getIdx()), Xbyak::Xmm(sum.getIdx()));
            vpmovsxdq(Xbyak::Ymm(high.getIdx()), Xbyak::Xmm(high.getIdx()));
        }
        if (!fresh) {
            vpaddq(low, low, low_sums);
            vpaddq(high, high, high_sums);
        }
        vmovups(low_sums, low);
        vmovups(high_sums, high);
    }

    DotTileShape shape_;
    bool zmm_;
    int part_lanes_;
    int parts_;
};

}  // namespace

bool can_generate(const DotTileShape& shape) {
    if (shape.isa == Isa::portable) return false;
    return shape.policy != Policy::saturate || shape.isa >= Isa::avx512vnni;
}

std::unique_ptr<GeneratedDotTile> generate_dot_tile(const DotTileShape& shape) {
    return std::make_unique<Generator>(shape);
}

}  // namespace dfp16::fast
