// Golden files for fuzz targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dfp16::fuzz {

/// Small good files, one a suite, of two cases each.
const std::vector<std::string>& good_golden_files();

/// Reads a file's header and every case. Gives each InputError's message.
std::vector<std::string> read_all(const std::string& path);

}  // namespace dfp16::fuzz
