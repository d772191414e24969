// Writes packed JPEG files (docs/data.md). The file appears whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/data/image_index.h"
#include "reference/files/output_file.h"

namespace dfp16 {

struct PackedSample {
    std::vector<std::uint8_t> bytes;  ///< the JPEG
    std::int64_t width = 0, height = 0;
    std::int32_t label = 0;
    std::string name;
};

/// begin(), add() ... for the training set, the same for the test set if there is one, then commit(). Throws
/// InputError.
class PackedWriter {
public:
    explicit PackedWriter(const std::string& path);

    /// `set` is "train" or "test"; `most_bytes` what its images are expected to take at most (it shapes the chunks).
    void begin(const std::string& set, std::uint64_t most_bytes);
    void add(const PackedSample& sample);
    /// Gives the digest.
    std::string commit(const PackedHeader& header);

private:
    /// Runs `body`; what fails in it is said of the output.
    template <typename Body>
    void named(const Body& body) const;
    void append(const PackedSample& sample);
    void store(const hdf5::Handle& dataset);
    void finish_set();

    std::string path_;
    OutputFile output_;  ///< outlives the HDF5 file in it
    hdf5::Handle file_;
    std::string set_;
    std::vector<hdf5::Handle> open_;   ///< the set's group and its bytes, while it is written
    std::vector<std::uint8_t> chunk_;  ///< bytes that do not fill a chunk yet
    std::uint64_t chunk_bytes_ = 1;
    std::uint64_t stored_ = 0;
    ImageIndex index_;
    std::vector<std::pair<std::string, ImageIndex>> done_;
};

}  // namespace dfp16
