#include "fastpath/dot_tile/vector_ops.inc"

namespace dfp16::fast {

const VectorOps kVectorOpsPortable = kOps;

}  // namespace dfp16::fast
