// What a kernel with a known bug would answer, bug by bug; each in a file of hypotheses/.
#pragma once

#include <string>
#include <vector>

#include "vectors/triage/evidence.h"

namespace dfp16::triage {

struct Diagnosis {
    std::string class_name;  ///< of the table in docs/triage.md
    std::string words;       ///< "chains of 32 pairs for 64"
    /// Of the elements in which kernel or hypothesis differ from golden, the part in which the two agree. 1: every
    /// output bit is as the hypothesis says.
    double explained = 0.0;
};

/// Takes the answers of one hypothesis and keeps the best.
class Trial {
public:
    explicit Trial(const Evidence& evidence) : evidence_(evidence) {}

    /// All outputs.
    void offer(const std::string& words, const std::vector<HostTensor>& outputs);
    /// Of an operation with one output.
    void offer(const std::string& words, const HostTensor& output) { offer(words, std::vector<HostTensor>{output}); }
    /// Golden's outputs for a changed case, if it takes that.
    void offer_golden(const std::string& words, const Case& changed);

    double explained() const { return explained_; }
    const std::string& words() const { return words_; }

private:
    const Evidence& evidence_;
    std::string words_;
    double explained_ = 0.0;
};

struct Hypothesis {
    const char* class_name;
    void (*try_on)(const Evidence& evidence, Trial& trial);
};

/// The table; of equal explanations the earlier is the likelier.
const std::vector<Hypothesis>& hypotheses();

/// All that explain everything, in the order of the table; if there is none, the best partial ones, at most three, best
/// first. The work grows with the case's products times some hundred.
std::vector<Diagnosis> diagnose(const Evidence& evidence);

namespace hypothesis {

void rounding_toward_zero(const Evidence& evidence, Trial& trial);
void rounding_nearest_even(const Evidence& evidence, Trial& trial);
void rounding_half_away(const Evidence& evidence, Trial& trial);
void rounding_arithmetic_shift(const Evidence& evidence, Trial& trial);
void stochastic_word(const Evidence& evidence, Trial& trial);
void fp32_toward_zero(const Evidence& evidence, Trial& trial);
void flush_to_zero(const Evidence& evidence, Trial& trial);
void zero_sign(const Evidence& evidence, Trial& trial);
void saturate_for_wrap(const Evidence& evidence, Trial& trial);
void wrap_for_saturate(const Evidence& evidence, Trial& trial);
void saturate_elsewhere(const Evidence& evidence, Trial& trial);
void missing_spill(const Evidence& evidence, Trial& trial);
void exact_for_chain(const Evidence& evidence, Trial& trial);
void chain_for_exact(const Evidence& evidence, Trial& trial);
void chain_length(const Evidence& evidence, Trial& trial);
void chain_across_images(const Evidence& evidence, Trial& trial);
void chain_per_tap(const Evidence& evidence, Trial& trial);
void summation_order(const Evidence& evidence, Trial& trial);
void unfused(const Evidence& evidence, Trial& trial);
void wrong_exponent(const Evidence& evidence, Trial& trial);
void headroom(const Evidence& evidence, Trial& trial);
void unclamped(const Evidence& evidence, Trial& trial);
void pairs_swapped(const Evidence& evidence, Trial& trial);
void unsigned_operand(const Evidence& evidence, Trial& trial);
void transposed_operand(const Evidence& evidence, Trial& trial);
void tensor_layout(const Evidence& evidence, Trial& trial);
void flipped_filter(const Evidence& evidence, Trial& trial);
void padding_size(const Evidence& evidence, Trial& trial);
void padding_value(const Evidence& evidence, Trial& trial);
void wrong_stride(const Evidence& evidence, Trial& trial);
void groups_ignored(const Evidence& evidence, Trial& trial);
void stale_accumulator(const Evidence& evidence, Trial& trial);
void dropped_last_pair(const Evidence& evidence, Trial& trial);
void dropped_tail(const Evidence& evidence, Trial& trial);
void double_counted(const Evidence& evidence, Trial& trial);
void relu(const Evidence& evidence, Trial& trial);
void mask_ignored(const Evidence& evidence, Trial& trial);
void pool_ties(const Evidence& evidence, Trial& trial);
void pool_divisor(const Evidence& evidence, Trial& trial);
void parameter_ignored(const Evidence& evidence, Trial& trial);

}  // namespace hypothesis

}  // namespace dfp16::triage
