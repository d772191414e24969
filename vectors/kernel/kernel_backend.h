// A library of kernels under test (dfp16_kernel.h) as a Backend. The library is loaded and run in a child process, on
// tensors between guard pages, every case at least twice; what it does wrong is a KernelFault (vectors/kernel_fault.h).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "reference/interface/backend.h"

namespace dfp16 {

struct KernelOptions {
    std::chrono::milliseconds time_limit{10'000};  ///< of one case, that is of two or three runs
    int threads = 1;                               ///< told to the kernel
};

/// name() is "kernel", isa() what the library calls itself, or its file name. Plans run operations one by one and
/// throw, from run(), KernelFault and UnsupportedOperation. `fallback` runs the operations, and the parameters of them,
/// that the library lacks; without it they are UnsupportedOperation. It must outlive the backend; the backend must
/// outlive its plans. Plans of one backend are not to be run by several threads at once. Throws InputError, in one
/// line, for a library that cannot be used.
std::unique_ptr<Backend> make_kernel_backend(const std::string& path, const KernelOptions& options = {},
                                             Backend* fallback = nullptr);

}  // namespace dfp16
