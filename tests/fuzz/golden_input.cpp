#include "tests/fuzz/golden_input.h"

#include "tests/fuzz/helpers.h"
#include "tests/vectors_helpers.h"

namespace dfp16::fuzz {

namespace {

constexpr std::int64_t kMostCasesRead = 64;

/// The first case from `number` on whose first tensor is small.
Case small_case(const std::string& name, std::size_t number) {
    constexpr std::int64_t kMostElements = 256;
    const Suite suite = make_suite(name, 1);
    while (suite.make(number, 1).inputs.at(0).elements() > kMostElements) ++number;
    return test::case_of(name, number);
}

std::string file_of(const std::string& suite) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("good.h5");
    const std::size_t middle = make_suite(suite, 1).size() / 2;
    test::write_file(path, {small_case(suite, 0), small_case(suite, middle)}, test::header_of(suite));
    return test::bytes_of(path);
}

}  // namespace

const std::vector<std::string>& good_golden_files() {
    static const std::vector<std::string> files = [] {
        std::vector<std::string> made;
        for (const std::string& suite : suite_names()) made.push_back(file_of(suite));
        return made;
    }();
    return files;
}

std::vector<std::string> read_all(const std::string& path) {
    std::vector<std::string> errors;
    const auto noted = [&](const auto& body) {
        try {
            body();
        } catch (const InputError& error) {
            errors.emplace_back(error.what());
            require(!errors.back().empty(), "an InputError without a message");
        }
    };
    noted([&] {
        const GoldenReader reader(path);
        for (std::int64_t i = 0; i < std::min(reader.cases(), kMostCasesRead); ++i) {
            noted([&] { reader.entry(i); });
            noted([&] { reader.read(i); });
        }
    });
    return errors;
}

}  // namespace dfp16::fuzz
