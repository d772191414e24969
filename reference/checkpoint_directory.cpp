#include "reference/checkpoint_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace dfp16 {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kSuffix = ".ckpt";

std::string path_of(const std::string& directory, std::int64_t step) {
    return (fs::path(directory) / fmt::format("{}{:08d}{}", kPrefix, step, kSuffix)).string();
}

/// The step of a checkpoint's file name.
std::optional<std::int64_t> step_of(const std::string& name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
    const char* const first = name.data() + kPrefix.size();
    const char* const last = name.data() + name.size() - kSuffix.size();
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(first, last, step);
    if (error != std::errc{} || end != last || step < 0 || last - first < 8) return std::nullopt;
    return step;
}

/// What a process that was killed while it wrote has left: the name of a checkpoint, and random letters.
bool is_left_over(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return dot != std::string::npos && step_of(name.substr(0, dot)).has_value();
}

std::vector<fs::path> entries_of(const std::string& directory) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        entries.push_back(it->path());
    }
    if (error) throw InputError(fmt::format("checkpoints in {}: {}", directory, error.message()));
    return entries;
}

}  // namespace

std::vector<std::string> checkpoints_in(const std::string& directory) {
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (const fs::path& entry : entries_of(directory)) {
        if (const auto step = step_of(entry.filename().string())) found.emplace_back(*step, entry.string());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> paths;
    for (auto& [step, path] : found) paths.push_back(std::move(path));
    return paths;
}

std::unique_ptr<CheckpointReader> newest_checkpoint(const std::string& directory, std::vector<std::string>& refused) {
    for (const std::string& path : checkpoints_in(directory)) {
        try {
            return std::make_unique<CheckpointReader>(path);
        } catch (const DamagedCheckpoint& error) {
            refused.emplace_back(error.what());
        }
    }
    throw InputError(fmt::format("no usable checkpoint in {}{}{}", directory, refused.empty() ? "" : ": ",
                                 fmt::join(refused, "; ")));
}

CheckpointDirectory::CheckpointDirectory(const std::string& directory, bool resumes) : directory_(directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) throw InputError(fmt::format("cannot create {}: {}", directory, error.message()));
    const std::vector<std::string> there = checkpoints_in(directory);
    if (!resumes && !there.empty()) {
        throw InputError(
            fmt::format("checkpoint directory {} has {} of another run, expected an empty directory, or "
                        "--resume {} to go on with that run",
                        directory, fs::path(there[0]).filename().string(), directory));
    }
    lock_ = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool locked = lock_ >= 0 && flock(lock_, LOCK_EX | LOCK_NB) == 0;
    const int reason = errno;
    if (!locked && lock_ >= 0) close(lock_);
    if (locked) return;
    throw InputError(fmt::format("checkpoint directory {}: {}", directory,
                                 reason == EWOULDBLOCK ? "another run writes there" : std::strerror(reason)));
}

CheckpointDirectory::~CheckpointDirectory() {
    close(lock_);
}

void CheckpointDirectory::write(const Checkpoint& checkpoint, const ReadState& read, std::int64_t keep) const {
    const std::string written = path_of(directory_, checkpoint.result.steps);
    write_checkpoint(written, checkpoint, read);
    std::error_code ignored;  // one too many does no harm
    std::int64_t kept = 0;
    for (const std::string& path : checkpoints_in(directory_)) {
        // One of a later step is a damaged one: it stays to be looked at until this run gets there and replaces it.
        if (step_of(fs::path(path).filename().string()) > checkpoint.result.steps) continue;
        if (++kept > keep) fs::remove(path, ignored);
    }
    for (const fs::path& entry : entries_of(directory_)) {
        if (is_left_over(entry.filename().string())) fs::remove(entry, ignored);
    }
}

}  // namespace dfp16
