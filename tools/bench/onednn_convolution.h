// The same convolution in oneDNN, FP32: the peer that a kernel is held against. In the layouts that oneDNN likes best,
// their conversion not counted.
#pragma once

#include <memory>

#include "reference/interface/operation.h"
#include "tools/bench/convolution.h"

namespace dfp16::bench {

/// Whether this program was built with oneDNN.
bool has_onednn();

class OnednnConvolution {
public:
    /// Throws InputError where has_onednn() is false.
    OnednnConvolution(const ConvParams& conv, Pass pass, int threads);
    ~OnednnConvolution();
    void run();
    /// Ends OpenMP's threads, which otherwise go on looking for work and take a core from what is measured next.
    static void rest();

private:
    struct Primitive;
    std::unique_ptr<Primitive> primitive_;
};

}  // namespace dfp16::bench
