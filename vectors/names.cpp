#include "vectors/names.h"

#include <initializer_list>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

template <typename Enum>
Enum find(const char* what, const std::string& name, std::initializer_list<Enum> all) {
    std::string known;
    for (const Enum value : all) {
        if (name == name_of(value)) return value;
        known += std::string(known.empty() ? "" : ", ") + name_of(value);
    }
    throw InputError(std::string("unknown ") + what + " '" + name + "', known: " + known);
}

}  // namespace

const char* name_of(Policy policy) {
    switch (policy) {
        case Policy::exact: return "exact";
        case Policy::chain: return "chain";
        case Policy::wrap: return "wrap";
        case Policy::saturate: return "saturate";
        case Policy::fma: return "fma";
    }
    return "?";
}

const char* name_of(Rounding rounding) {
    switch (rounding) {
        case Rounding::nearest_even: return "nearest-even";
        case Rounding::toward_zero: return "toward-zero";
        case Rounding::stochastic: return "stochastic";
    }
    return "?";
}

const char* name_of(Masking masking) {
    switch (masking) {
        case Masking::none: return "none";
        case Masking::merge: return "merge";
        case Masking::zero: return "zero";
    }
    return "?";
}

const char* name_of(SizeRounding rounding) {
    switch (rounding) {
        case SizeRounding::floor: return "floor";
        case SizeRounding::ceil: return "ceil";
    }
    return "?";
}

Policy policy_of(const std::string& name) {
    return find("policy", name, {Policy::exact, Policy::chain, Policy::wrap, Policy::saturate, Policy::fma});
}

Rounding rounding_of(const std::string& name) {
    return find("rounding", name, {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic});
}

Masking masking_of(const std::string& name) {
    return find("masking", name, {Masking::none, Masking::merge, Masking::zero});
}

SizeRounding size_rounding_of(const std::string& name) {
    return find("size", name, {SizeRounding::floor, SizeRounding::ceil});
}

}  // namespace dfp16
