// Recorded operations as a golden file, written as they come.
#pragma once

#include <cstdint>
#include <string>

#include "reference/record.h"
#include "vectors/golden_file.h"

namespace dfp16 {

class CaseRecorder {
public:
    /// Throws InputError for an unwritable place.
    CaseRecorder(const std::string& path, const std::string& suite, std::uint64_t seed);
    /// Appends the operation as a case named "LAYER/PASS/OP/stepN".
    void add(const RecordedOperation& recorded);
    std::int64_t cases() const { return writer_.cases(); }
    /// Throws InputError if nothing was recorded, and where GoldenWriter does.
    void commit();

private:
    GoldenWriter writer_;
};

}  // namespace dfp16
