#include "vectors/triage/sum_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/accumulate.h"
#include "sim/types/error.h"

namespace dfp16::triage {

namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kProbes = 24;  // differing elements that a model is tried on first

std::int32_t wrapped(std::int64_t sum) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(sum)));
}

std::int64_t clamped(std::int64_t sum) {
    return std::clamp(sum, kLowest, kHighest);
}

/// RN32(value * 2^k) with infinities where the contract has an error.
template <typename Scale>
float scaled(Scale scale, bool negative) {
    try {
        return scale();
    } catch (const InputError&) {
        return negative ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
    }
}

/// sum * 2^k, rounded toward zero.
float truncated(std::int64_t sum, int k) {
    const float nearest = scaled([&] { return scale_exact(sum, k); }, sum < 0);
    const long double magnitude = std::ldexp(std::fabs(static_cast<long double>(sum)), k);
    return std::fabs(static_cast<long double>(nearest)) > magnitude ? std::nextafter(nearest, 0.0f) : nearest;
}

SumKind kind_of(Policy policy) {
    switch (policy) {
        case Policy::exact: return SumKind::exact;
        case Policy::chain: return SumKind::chain;
        case Policy::wrap: return SumKind::wrap;
        case Policy::saturate: return SumKind::saturate;
        case Policy::fma: return SumKind::fma;
    }
    return SumKind::exact;
}

const Accumulation* accumulation_of(const OpParams& params) {
    if (const auto* gemm = std::get_if<GemmParams>(&params)) return &gemm->accumulation;
    if (const auto* conv = std::get_if<ConvParams>(&params)) return &conv->accumulation;
    if (const auto* fc = std::get_if<FcParams>(&params)) return &fc->accumulation;
    return nullptr;
}

}  // namespace

SumModel contract_model(const CaseHeader& header) {
    SumModel model;
    model.geometry = geometry_of(header);
    if (const Accumulation* accumulation = accumulation_of(header.params)) {
        model.kind = kind_of(accumulation->policy);
        model.chain = accumulation->chain * 2;
    } else {
        const bool saturates = header.op == OpKind::vpdpwssds || header.op == OpKind::vp4dpwssds;
        model.kind = saturates ? SumKind::saturate : SumKind::wrap;
    }
    return model;
}

Sums::Sums(const Case& inputs, const SumModel& model)
    : inputs_(inputs),
      model_(model),
      a_(inputs.inputs[a_input(inputs.op)]),
      b_(inputs.inputs[b_input(inputs.op)]),
      scale_(a_.exponent.value + b_.exponent.value) {}

std::int64_t Sums::element(const HostTensor& tensor, std::int64_t index, bool is_unsigned,
                           const std::function<std::int64_t(std::int64_t)>& at) const {
    if (index == kPadding) return model_.padding_value;
    if (index < 0) return 0;
    const std::int64_t place = at ? at(index) : index;
    const std::int16_t value = tensor.mantissas()[static_cast<std::size_t>(place)].value;
    return is_unsigned ? std::int64_t{static_cast<std::uint16_t>(value)} : value;
}

std::int64_t Sums::product(const Term& term) const {
    return element(a_, term.a, model_.unsigned_a, model_.a_at) * element(b_, term.b, model_.unsigned_b, model_.b_at);
}

Sum Sums::start(std::int64_t output) const {
    const bool reads_c = is_instruction(inputs_.op) && inputs_.op != OpKind::vpmaddwd;
    return {reads_c ? inputs_.inputs[2].accumulators()[static_cast<std::size_t>(output)].value : std::int64_t{0}, 0.0f};
}

void Sums::add_chains(Sum& sum, const std::vector<Term>& terms) const {
    std::int64_t chain = 0, length = 0;
    const auto end_chain = [&] {
        if (length == 0) return;
        sum.acc += static_cast<float>(wrapped(chain));
        chain = length = 0;
    };
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const bool image = i > 0 && model_.images_end_chains && terms[i].image != terms[i - 1].image;
        const bool tap = i > 0 && model_.taps_end_chains && i % 2 == 0 && terms[i].tap != terms[i - 1].tap;
        if (length == model_.chain || image || tap) end_chain();
        chain += product(terms[i]);
        const bool clamps = model_.kind == SumKind::chain_saturate && i % 2 == 1;
        if (clamps) chain = clamped(chain);
        ++length;
    }
    end_chain();
}

void Sums::add_saturating(Sum& sum, const std::vector<Term>& terms) const {
    for (std::size_t i = 0; i < terms.size(); ++i) {
        sum.total += product(terms[i]);
        if (model_.kind == SumKind::saturate_products || i % 2 == 1) sum.total = clamped(sum.total);
    }
}

void Sums::add_fp32(Sum& sum, const std::vector<Term>& terms) const {
    const auto value = [](const HostTensor& tensor, std::int64_t index, const auto& at) {
        return tensor.fp32()[static_cast<std::size_t>(at ? at(index) : index)];
    };
    for (const Term& term : terms) {
        if (term.a < 0 || term.b < 0) continue;
        const float a = value(a_, term.a, model_.a_at);
        const float b = value(b_, term.b, model_.b_at);
        if (model_.kind == SumKind::fma) {
            sum.acc = std::fma(a, b, sum.acc);
        } else {
            const volatile float product = a * b;  // rounded by itself, whatever the compiler would contract
            sum.acc = sum.acc + product;
        }
    }
}

void Sums::add(Sum& sum, std::int64_t output) const {
    std::vector<Term> terms = terms_of(inputs_, output, model_.geometry);
    if (model_.change) model_.change(terms);
    switch (model_.kind) {
        case SumKind::fma:
        case SumKind::float_products: return add_fp32(sum, terms);
        case SumKind::chain:
        case SumKind::chain_saturate: return add_chains(sum, terms);
        case SumKind::saturate:
        case SumKind::saturate_products:
        case SumKind::int32_saturate: return add_saturating(sum, terms);
        default:
            for (const Term& term : terms) sum.total += product(term);
    }
}

std::uint32_t Sums::finish(const Sum& sum) const {
    const auto fp32 = [](float value) { return std::bit_cast<std::uint32_t>(value); };
    const auto from_float = [&](float acc) {
        return fp32(scaled([&] { return scale_chain(acc, scale_); }, std::signbit(acc)));
    };
    switch (model_.kind) {
        case SumKind::exact: return fp32(scaled([&] { return scale_exact(sum.total, scale_); }, sum.total < 0));
        case SumKind::truncate: return fp32(truncated(sum.total, scale_));
        case SumKind::fma:
        case SumKind::float_products: return fp32(sum.acc);
        case SumKind::chain:
        case SumKind::chain_saturate: return from_float(sum.acc);
        case SumKind::int32_wrap:
            return fp32(scaled([&] { return scale_exact(wrapped(sum.total), scale_); }, wrapped(sum.total) < 0));
        case SumKind::int32_saturate:
            return fp32(scaled([&] { return scale_exact(sum.total, scale_); }, sum.total < 0));
        case SumKind::saturate_end: return static_cast<std::uint32_t>(static_cast<std::int32_t>(clamped(sum.total)));
        default: return static_cast<std::uint32_t>(wrapped(sum.total));
    }
}

std::optional<std::uint32_t> Sums::masked(std::int64_t output) const {
    const auto* params = std::get_if<InstructionParams>(&inputs_.params);
    if (params == nullptr || params->masking == Masking::none) return std::nullopt;
    const std::int64_t lanes = params->width / 32;
    const auto mask = static_cast<std::uint32_t>(
        inputs_.inputs.back().accumulators()[static_cast<std::size_t>(output / lanes)].value);
    if ((mask >> (output % lanes) & 1) != 0) return std::nullopt;
    return params->masking == Masking::zero ? 0 : inputs_.inputs[2].bits(output);
}

std::uint32_t Sums::bits(std::int64_t output) const {
    if (const auto kept = masked(output)) return *kept;
    Sum sum = start(output);
    add(sum, output);
    return finish(sum);
}

std::vector<std::uint32_t> Sums::all_bits(std::int64_t outputs) const {
    std::vector<std::uint32_t> result;
    Sum sum;
    for (std::int64_t i = 0; i < outputs; ++i) {
        if (i % model_.stale_within == 0) sum = {};
        const Sum own = start(i);
        sum.total += own.total;
        add(sum, i);
        result.push_back(masked(i).value_or(finish(sum)));
    }
    return result;
}

namespace {

void set_bits(HostTensor& tensor, std::int64_t index, std::uint32_t bits) {
    const auto i = static_cast<std::size_t>(index);
    if (tensor.type() == ElementType::fp32) {
        tensor.fp32()[i] = std::bit_cast<float>(bits);
    } else {
        tensor.accumulators()[i].value = static_cast<std::int32_t>(bits);
    }
}

/// Whether any of a spread sample of differing elements comes out as the kernel has it.
bool explains_some(const Evidence& evidence, const Sums& sums) {
    const std::vector<std::int64_t>& differing = evidence.first_differing();
    const std::size_t step = std::max<std::size_t>(1, differing.size() / kProbes);
    for (std::size_t i = 0; i < differing.size(); i += step) {
        if (sums.bits(differing[i]) == evidence.first_got().bits(differing[i])) return true;
    }
    return false;
}

}  // namespace

void offer_sums(const Evidence& evidence, Trial& trial, const std::string& words, const SumModel& model) {
    const Sums sums(evidence.inputs, model);
    const bool stale = model.stale_within > 0;
    if (!stale && !explains_some(evidence, sums)) return;
    HostTensor output = evidence.first_expected();
    const std::vector<std::uint32_t> all = stale ? sums.all_bits(output.elements()) : std::vector<std::uint32_t>{};
    for (std::int64_t i = 0; i < output.elements(); ++i) {
        set_bits(output, i, stale ? all[static_cast<std::size_t>(i)] : sums.bits(i));
    }
    trial.offer(words, output);
}

}  // namespace dfp16::triage
