#include <fmt/format.h>

#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/case_source.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

class SuiteSource : public CaseSource {
public:
    SuiteSource(const std::vector<std::string>& names, int level, std::uint64_t seed, std::int64_t rounds)
        : rounds_(rounds) {
        header_ = {kContractVersion, "", level, seed, ""};
        for (const std::string& name : names) {
            header_.suite += (header_.suite.empty() ? "" : ",") + name;
            suites_.push_back(make_suite(name, level));
            size_ += static_cast<std::int64_t>(suites_.back().size());
        }
    }
    const FileHeader& header() const override { return header_; }
    std::string name() const override { return "suite " + header_.suite; }
    std::int64_t cases() const override { return rounds_ == kEndless ? kEndless : rounds_ * size_; }
    bool stores_outputs() const override { return false; }

    Case read(std::int64_t number) override {
        if (number < 0 || (rounds_ != kEndless && number >= cases())) {
            throw InputError(fmt::format("{}: case {} does not exist, there are {}", name(), number, cases()));
        }
        std::int64_t place = number % size_;
        std::size_t i = 0;
        for (; place >= static_cast<std::int64_t>(suites_[i].size()); ++i) {
            place -= static_cast<std::int64_t>(suites_[i].size());
        }
        return suites_[i].make(static_cast<std::size_t>(place), seed_of(number));
    }

    std::string arguments_of(std::int64_t number) const override {
        return fmt::format("--suite {} --level {} --seed {} --case {}", header_.suite, header_.level, seed_of(number),
                           number % size_);
    }

private:
    std::uint64_t seed_of(std::int64_t number) const {
        return header_.seed + static_cast<std::uint64_t>(number / size_);
    }

    FileHeader header_;
    std::vector<Suite> suites_;
    std::int64_t size_ = 0;
    std::int64_t rounds_;
};

}  // namespace

std::unique_ptr<CaseSource> make_suite_source(const std::vector<std::string>& suites, int level, std::uint64_t seed,
                                              std::int64_t rounds) {
    return std::make_unique<SuiteSource>(suites, level, seed, rounds);
}

}  // namespace dfp16
