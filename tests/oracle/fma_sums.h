// Contract sections 5 and 7, policy `fma`: the products that exist, in their order, and their chain.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/oracle/products.h"

namespace oracle {

/// (a, b) of each product.
using Products = std::vector<std::pair<float, float>>;

/// Throws Error for a sum that is not finite.
float fma_policy(const Products& products);

Products fma_conv_forward(const Conv& conv, const std::vector<float>& x, const std::vector<float>& w, std::int64_t n,
                          std::int64_t k, std::int64_t p, std::int64_t q);
Products fma_conv_backward_data(const Conv& conv, const std::vector<float>& dy, const std::vector<float>& w,
                                std::int64_t n, std::int64_t channel, std::int64_t i, std::int64_t j);
Products fma_conv_weight_gradient(const Conv& conv, const std::vector<float>& x, const std::vector<float>& dy,
                                  std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s);

}  // namespace oracle
