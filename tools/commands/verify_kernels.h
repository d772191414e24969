// Which kernels verify runs.
#pragma once

#include <boost/program_options.hpp>
#include <memory>
#include <string>
#include <vector>

#include "reference/interface/backend.h"

namespace dfp16 {

/// --isa, --kernel, --pipe, --timeout, --threads.
void add_kernel_options(boost::program_options::options_description& options);

struct Kernels {
    std::vector<std::unique_ptr<Backend>> backends;
    std::vector<std::string> arguments;  ///< of verify, that choose each
    std::vector<std::string> absent;     ///< ISAs that this CPU lacks

    std::vector<Backend*> pointers() const;
    /// "avx2, portable"
    std::string names() const;
};

/// Throws InputError for an unknown ISA, a library that cannot be loaded, ...
Kernels make_kernels(const boost::program_options::variables_map& given, int threads);

}  // namespace dfp16
