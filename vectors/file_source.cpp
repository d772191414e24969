#include <mutex>
#include <utility>

#include "sim/types/error.h"
#include "vectors/case_source.h"
#include "vectors/shell_word.h"

namespace dfp16 {

namespace {

class FileSource : public CaseSource {
public:
    explicit FileSource(const std::string& path) : path_(path), reader_(path) {
        if (reader_.cases() == 0) throw InputError(path + ": no cases, expected at least one");
    }
    const FileHeader& header() const override { return reader_.header(); }
    std::string name() const override { return path_; }
    std::int64_t cases() const override { return reader_.cases(); }
    bool stores_outputs() const override { return true; }
    Case read(std::int64_t number) override {
        std::unique_lock lock(hdf5_);
        StoredCase stored = reader_.fetch(number);
        lock.unlock();
        return inflate_case(std::move(stored));
    }
    std::string arguments_of(std::int64_t number) const override {
        return shell_word(path_) + " --case " + std::to_string(number);
    }

private:
    std::string path_;
    GoldenReader reader_;
    std::mutex hdf5_;  // it would let one thread in as well; this one is let in for all of a case
};

}  // namespace

std::unique_ptr<CaseSource> make_file_source(const std::string& path) {
    return std::make_unique<FileSource>(path);
}

}  // namespace dfp16
