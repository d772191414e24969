#include "vectors/kernel/trial_tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dfp16::kernel {

std::string TrialTensor::text() const {
    return (role == Role::input ? "input " : "output ") + operand->name;
}

std::string TrialTensor::text_at(const Form& form, std::int64_t index) const {
    const auto at = coordinates(form, index);
    const auto end = at.begin() + static_cast<std::ptrdiff_t>(form.shape.rank());
    const std::string names = operand->axes.empty() ? "" : fmt::format("({})=", operand->axes);
    return fmt::format("{} at {}({})", text(), names, fmt::join(at.begin(), end, ","));
}

std::string text_of_distance(const TrialTensor& tensor, std::ptrdiff_t offset, std::size_t bytes) {
    const auto end = static_cast<std::ptrdiff_t>(bytes);
    const std::string whole = fmt::format("{} ({} bytes)", tensor.text(), bytes);
    if (offset == end) return "just past the end of " + whole;
    if (offset > end) return fmt::format("{} bytes past the end of {}", offset - end, whole);
    return fmt::format("{} bytes before the start of {}", -offset, whole);
}

}  // namespace dfp16::kernel
