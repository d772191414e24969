// HDF5 1.10 follows some damaged sizes beyond its buffers, and may crash. Whoever reads a file says so while HDF5 works
// on it, and the program ends with a line about that file instead of a signal.
#pragma once

#include <string>

namespace dfp16::hdf5 {

/// While it lives, HDF5 reads `path` in this thread. The path must live as long.
class Reading {
public:
    explicit Reading(const std::string& path);
    ~Reading();
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

private:
    const char* before_;
};

/// From now on SIGSEGV and SIGBUS in a thread that is Reading end the process with one line and status 2; elsewhere
/// they do what they did.
void explain_crashes();

}  // namespace dfp16::hdf5
