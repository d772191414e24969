// The fuzz targets: one a reader, each tests/fuzz/targets/NAME.cpp with its inputs in tests/fuzz/corpus/NAME/. A new
// one is its file and its line here.
#pragma once

#include <cstdint>
#include <span>

#define DFP16_FUZZ_TARGETS(TARGET) \
    TARGET(checkpoint)             \
    TARGET(golden_bytes)           \
    TARGET(golden_edits)           \
    TARGET(idx)                    \
    TARGET(image_list)             \
    TARGET(jpeg)                   \
    TARGET(packed_images)          \
    TARGET(params_json)            \
    TARGET(report)                 \
    TARGET(run_case)               \
    TARGET(stream)                 \
    TARGET(texts)

namespace dfp16::fuzz {

using Bytes = std::span<const std::uint8_t>;

/// Feeds one input to a reader. Whatever the bytes are, it returns: the reader's InputError is an answer, any other
/// exception goes through, and what must hold of accepted input is checked by require().
using Target = void (*)(Bytes);

#define DFP16_DECLARE_TARGET(name) void name(Bytes bytes);
DFP16_FUZZ_TARGETS(DFP16_DECLARE_TARGET)
#undef DFP16_DECLARE_TARGET

}  // namespace dfp16::fuzz
