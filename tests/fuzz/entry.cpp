// The entry of one libFuzzer program; DFP16_FUZZ_TARGET is its target.
#include <cstddef>

#include "tests/fuzz/targets.h"
#include "tests/sanitizer_defaults.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dfp16::fuzz::DFP16_FUZZ_TARGET({data, size});
    return 0;
}
