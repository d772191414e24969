#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "reference/files/output_file.h"

namespace dfp16 {

/// A JSON result that appears whole or not at all. Opened before long work, so that an unwritable place is known early.
class JsonFile {
public:
    /// An empty path: no file is written. Throws InputError if the place is not writable.
    explicit JsonFile(const std::string& path);
    /// Writes one top-level member a line, then renames. Throws InputError.
    void commit(const boost::json::object& result);
    /// The same for a list, one element a line.
    void commit_list(const boost::json::array& list);

private:
    void write(const std::string& text);

    std::unique_ptr<OutputFile> file_;
};

}  // namespace dfp16
