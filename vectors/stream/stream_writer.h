// Cases as lines of text (docs/streams.md), for a simulator or another machine to answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>

#include "vectors/case.h"
#include "vectors/golden_file.h"

namespace dfp16 {

inline constexpr int kStreamVersion = 1;

/// Takes text piece by piece.
using TextSink = std::function<void(const char* text, std::size_t size)>;

/// Writes to `file`, which must outlive it. The sink throws InputError for what cannot be written; `name` is what the
/// message calls the file.
TextSink sink_of(std::FILE* file, const char* name);

void write_stream_header(const FileHeader& header, const TextSink& sink);
/// A case without outputs asks for them with `want` lines; one with outputs answers with `out` lines. Throws InputError
/// for a name with a line break.
void write_stream_case(std::int64_t number, const Case& written, const TextSink& sink);
/// `cases` is the number of cases that were written.
void write_stream_end(std::int64_t cases, const TextSink& sink);

}  // namespace dfp16
