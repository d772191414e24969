#include "tests/fuzz/input_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace dfp16::fuzz {

InputFile::InputFile(Bytes bytes) : path_((std::filesystem::temp_directory_path() / "dfp16-fuzz-XXXXXX").string()) {
    descriptor_ = mkstemp(path_.data());
    if (descriptor_ < 0) throw std::runtime_error(path_ + ": " + std::strerror(errno));
    set(bytes);
}

InputFile::~InputFile() {
    close(descriptor_);
    unlink(path_.c_str());
}

void InputFile::set(Bytes bytes) {
    const bool written = ftruncate(descriptor_, 0) == 0 &&
                         pwrite(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
    if (!written) throw std::runtime_error(path_ + ": " + std::strerror(errno));
}

std::string InputFile::content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace dfp16::fuzz
