#pragma once

#include <cstdint>

namespace dfp16 {

/// A class label, 0 .. classes - 1.
struct Label {
    std::int32_t value = 0;
    friend bool operator==(Label, Label) = default;
};
static_assert(sizeof(Label) == 4);

}  // namespace dfp16
