// Exact numbers, and their one rounding to FP32 (contract section 1).
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <stdexcept>
#include <string>

/// The second oracle: written from docs/contract.md alone, in wide integers; it shares nothing with sim/.
namespace oracle {

/// Wide enough for everything here: two FP32 numbers' products and sums span less than 800 bits. Throws if not.
using Integer = boost::multiprecision::checked_int1024_t;
/// Where 127 bits are enough.
using Wide = boost::multiprecision::checked_int128_t;

/// What the contract calls an error.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// 2^exponent, exponent >= 0.
Integer power_of_two(int exponent);

/// n * 2^exponent.
struct Dyadic {
    Integer n;
    int exponent = 0;
};
Dyadic operator+(const Dyadic& a, const Dyadic& b);
Dyadic operator-(const Dyadic& a, const Dyadic& b);
Dyadic operator*(const Dyadic& a, const Dyadic& b);

/// A finite FP32 number.
Dyadic exact(float x);
/// floor(log2 |v|), v != 0.
int floor_log2(const Dyadic& v);

/// RN32(v). Exactly zero gives +0. Throws Error at 2^128 and beyond.
float rn32(const Dyadic& v);
/// RN32(a / b), b != 0.
float rn32_quotient(const Dyadic& a, const Dyadic& b);

/// RN32(sqrt(v)), v >= 0.
float rn32_sqrt(const Dyadic& v);

/// The FP32 operations of finite numbers, with IEEE-754's rules for signs of zeros. Throw Error at 2^128 and beyond.
float add(float a, float b);
float subtract(float a, float b);
float multiply(float a, float b);
float divide(float a, float b);
float fma(float a, float b, float c);
float sqrt(float a);

}  // namespace oracle
