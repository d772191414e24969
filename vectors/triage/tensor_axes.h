// Tensors changed along their axes.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "reference/interface/host_tensor.h"

namespace dfp16 {

/// The same type, shape and exponent; element i is element from(i) of `tensor`, or zero where from(i) is negative.
HostTensor rearranged(const HostTensor& tensor, const std::function<std::int64_t(std::int64_t)>& from);

/// Product of the sizes behind `axis`: how far apart neighbours along it are.
std::int64_t stride_of(const Shape& shape, std::size_t axis);

/// Element 2j along the axis exchanged with element 2j + 1; a last odd one stays.
HostTensor with_neighbours_swapped(const HostTensor& tensor, std::size_t axis);
/// Two axes of one size exchanged.
HostTensor with_axes_exchanged(const HostTensor& tensor, std::size_t a, std::size_t b);
/// The axis backwards.
HostTensor reversed(const HostTensor& tensor, std::size_t axis);
/// Moved by `by` along the axis; zeros come in.
HostTensor displaced(const HostTensor& tensor, std::size_t axis, std::int64_t by);
/// Zeros from `first` on along the axis.
HostTensor zeroed_from(const HostTensor& tensor, std::size_t axis, std::int64_t first);

}  // namespace dfp16
