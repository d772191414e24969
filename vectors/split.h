#pragma once

#include <boost/algorithm/string/split.hpp>
#include <string>
#include <vector>

namespace dfp16 {

/// "a,b" in its parts; an empty text has one, which is empty.
inline std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    boost::split(parts, text, [separator](char c) { return c == separator; });
    return parts;
}

}  // namespace dfp16
