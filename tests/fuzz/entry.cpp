// The entry of one libFuzzer program; DFP16_FUZZ_TARGET is its target.
#include <cstddef>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dfp16::fuzz::DFP16_FUZZ_TARGET({data, size});
    return 0;
}

// HDF5 1.10 itself loses some memory where it meets damage.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libhdf5";
}
