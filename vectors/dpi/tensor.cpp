// Whole tensors: quantize and down-convert.
#include <bit>
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#include "sim/down_convert.h"
#include "sim/quantize.h"
#include "vectors/dpi/dfp16_dpi.h"
#include "vectors/dpi/guard.h"
#include "vectors/dpi/rounding.h"

using namespace dfp16;

namespace {

struct Tensor {
    std::vector<int> elements;
    std::vector<Mantissa> mantissas;  ///< of the last conversion; empty before one
};

Tensor& tensor_of(void* tensor) {
    dpi::require(tensor != nullptr, "null, expected a tensor");
    return *static_cast<Tensor*>(tensor);
}

/// One with elements.
Tensor& full(void* tensor) {
    Tensor& found = tensor_of(tensor);
    dpi::require(!found.elements.empty(), "tensor without elements");
    return found;
}

void check_id(unsigned int tensor_id) {
    dpi::require_range("tensor", tensor_id, 0, (1 << 24) - 1);
}

}  // namespace

void* dfp16_tensor_new(void) {
    return new (std::nothrow) Tensor;
}

void dfp16_tensor_free(void* tensor) {
    delete static_cast<Tensor*>(tensor);
}

int dfp16_tensor_clear(void* tensor) {
    return dpi::guarded([&] { tensor_of(tensor) = {}; });
}

int dfp16_tensor_push(void* tensor, int element) {
    return dpi::guarded([&] {
        tensor_of(tensor).mantissas.clear();
        tensor_of(tensor).elements.push_back(element);
    });
}

int dfp16_tensor_quantize(void* tensor, int headroom, int rounding, unsigned long long seed, unsigned int step,
                          unsigned int tensor_id, int* exponent) {
    return dpi::guarded([&] {
        Tensor& t = full(tensor);
        dpi::check_headroom(headroom);
        check_id(tensor_id);
        std::vector<float> x;
        for (const int bits : t.elements) x.push_back(std::bit_cast<float>(bits));
        std::vector<Mantissa> y(x.size());
        const RandomStream random{seed, step, Purpose::quantize, tensor_id};
        *exponent = quantize(x, headroom, dpi::rounding_of(rounding), random, y).value;
        t.mantissas = std::move(y);
    });
}

int dfp16_tensor_down_convert(void* tensor, int exponent_in, int headroom, int rounding, unsigned long long seed,
                              unsigned int step, unsigned int tensor_id, int* exponent) {
    return dpi::guarded([&] {
        Tensor& t = full(tensor);
        dpi::require_range("exponent", exponent_in, 2 * kExponentMin, 2 * (kExponentMax + kHeadroomMax));
        dpi::check_headroom(headroom);
        check_id(tensor_id);
        std::vector<Accumulator> v;
        for (const int element : t.elements) v.push_back({element});
        std::vector<Mantissa> y(v.size());
        const RandomStream random{seed, step, Purpose::down_convert, tensor_id};
        *exponent = down_convert(v, {exponent_in}, headroom, dpi::rounding_of(rounding), random, y).value;
        t.mantissas = std::move(y);
    });
}

int dfp16_tensor_mantissa(void* tensor, int index, short* m) {
    return dpi::guarded([&] {
        const Tensor& t = tensor_of(tensor);
        dpi::require(!t.mantissas.empty(), "tensor that is not converted, expected quantize or down_convert before");
        dpi::require_range("index", index, 0, static_cast<long long>(t.mantissas.size()) - 1);
        *m = t.mantissas[static_cast<std::size_t>(index)].value;
    });
}
