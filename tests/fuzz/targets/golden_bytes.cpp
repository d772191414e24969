// Golden files, any bytes. Most of what happens is in HDF5.
#include "tests/fuzz/golden_input.h"
#include "tests/fuzz/helpers.h"
#include "tests/fuzz/input_file.h"

namespace dfp16::fuzz {

void golden_bytes(Bytes bytes) {
    const InputFile file(bytes);
    read_all(file.path());
}

}  // namespace dfp16::fuzz
