#include "reference/interface/shape.h"

#include "sim/types/error.h"

namespace dfp16 {

namespace {
constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;
}

Shape::Shape(std::initializer_list<std::int64_t> dimensions) : Shape(dimensions.begin(), dimensions.size()) {}

Shape::Shape(const std::int64_t* dimensions, std::size_t rank) : rank_(rank), elements_(1) {
    if (rank < 1 || rank > dimensions_.size()) {
        throw InputError("shape of rank " + std::to_string(rank) + ", expected 1 to 4 dimensions");
    }
    for (std::size_t i = 0; i < rank; ++i) {
        if (dimensions[i] < 1) {
            throw InputError("shape with dimension " + std::to_string(dimensions[i]) + ", expected at least 1");
        }
        if (dimensions[i] > kMaxElements / elements_) {
            throw InputError("shape with more than 2^40 elements, beyond what a tensor may index");
        }
        dimensions_[i] = dimensions[i];
        elements_ *= dimensions[i];
    }
}

std::string Shape::text() const {
    std::string text;
    for (std::size_t i = 0; i < rank_; ++i) {
        text += (i ? "x" : "") + std::to_string(dimensions_[i]);
    }
    return text;
}

std::string Shape::coordinates(std::int64_t index) const {
    std::array<std::int64_t, 4> coordinate{};
    for (std::size_t i = rank_; i-- > 0;) {
        coordinate[i] = index % dimensions_[i];
        index /= dimensions_[i];
    }
    std::string text = "(";
    for (std::size_t i = 0; i < rank_; ++i) {
        text += (i ? "," : "") + std::to_string(coordinate[i]);
    }
    return text + ")";
}

}  // namespace dfp16
