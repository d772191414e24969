// Small golden files, and ways to spoil them.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "reference/golden.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/golden_file.h"
#include "vectors/suite.h"

namespace dfp16::test {

/// A directory that is removed with its content.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "dfp16-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw InputError("no temporary directory");
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
    }

private:
    std::filesystem::path path_;
};

inline std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Case `number` of a suite with golden's outputs.
inline Case case_of(const std::string& suite, std::size_t number, std::uint64_t seed = 1) {
    Case made = make_suite(suite, 1).make(number, seed);
    const auto golden = make_golden_backend(1);
    made.outputs = run(made, *golden);
    return made;
}

inline FileHeader header_of(const std::string& suite = "test") {
    return {kContractVersion, suite, 1, 1, "test"};
}

inline void write_file(const std::string& path, const std::vector<Case>& cases,
                       const FileHeader& header = header_of()) {
    GoldenWriter writer(path, header);
    for (const Case& golden_case : cases) writer.add(golden_case);
    writer.commit();
}

inline std::vector<Case> read_file(const std::string& path) {
    const GoldenReader reader(path);
    std::vector<Case> cases;
    for (std::int64_t i = 0; i < reader.cases(); ++i) cases.push_back(reader.read(i));
    return cases;
}

/// The message of the InputError that `body` throws; empty, and a failure, if it throws none.
inline std::string error_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const InputError& error) {
        return error.what();
    }
    ADD_FAILURE() << "no InputError";
    return "";
}

}  // namespace dfp16::test
