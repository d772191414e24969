#include "reference/data/image_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sim/types/error.h"

namespace dfp16 {

namespace fs = std::filesystem;

namespace {

constexpr std::int32_t kMostClasses = 1 << 24;

bool is_folder(const fs::path& path) {
    std::error_code ignored;  // what cannot be looked at is reported where it is read
    return fs::is_directory(path, ignored);
}

/// Names in a directory, in byte order, without hidden ones.
std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
        std::string name = entry->path().filename().string();
        if (!name.starts_with('.')) names.push_back(std::move(name));
    }
    if (error) throw InputError(fmt::format("cannot read directory {}: {}", directory.string(), error.message()));
    std::sort(names.begin(), names.end());
    return names;
}

std::int32_t label_of(const std::string& text, const std::string& place) {
    std::int32_t label = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
    if (error != std::errc{} || end != text.data() + text.size() || label < 0 || label >= kMostClasses) {
        throw InputError(
            fmt::format("{}: label '{}', expected a whole number from 0 to {}", place, text, kMostClasses - 1));
    }
    return label;
}

}  // namespace

ImageList list_directory(const std::string& directory, const std::vector<std::string>& classes) {
    ImageList list;
    list.classes = classes;
    for (const std::string& name : names_in(directory)) {
        const fs::path folder = fs::path(directory) / name;
        if (!is_folder(folder)) continue;
        if (classes.empty()) list.classes.push_back(name);
        const auto known = std::find(list.classes.begin(), list.classes.end(), name);
        if (known == list.classes.end()) {
            throw InputError(fmt::format("{}: '{}' is no class of the training set, which has {} classes", directory,
                                         name, classes.size()));
        }
        const auto label = static_cast<std::int32_t>(known - list.classes.begin());
        for (const std::string& file : names_in(folder)) {
            if (is_folder(folder / file)) continue;
            list.images.push_back({(folder / file).string(), name + "/" + file, label});
        }
    }
    if (list.images.empty()) throw InputError(directory + ": no images, expected files CLASS/NAME.JPEG");
    return list;
}

ImageList read_list(const std::string& path, const std::string& directory, const std::vector<std::string>& classes) {
    if (is_folder(path)) throw InputError(path + ": is a directory, expected a list of images");
    std::ifstream file(path);
    if (!file) throw InputError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    const fs::path base = directory.empty() ? fs::path(path).parent_path() : fs::path(directory);
    ImageList list;
    list.classes = classes;
    std::int32_t largest = 0;
    std::int64_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty()) continue;
        const std::string place = fmt::format("{}: line {}", path, number);
        const bool tab = line.find('\t') != std::string::npos;
        const std::size_t cut = line.find_last_of(tab ? '\t' : ' ');
        if (cut == std::string::npos) throw InputError(place + ": one word, expected path and label");
        const std::string name = line.substr(0, line.find_last_not_of(tab ? '\t' : ' ', cut) + 1);
        const std::int32_t label = label_of(line.substr(cut + 1), place);
        if (name.empty()) throw InputError(place + ": no path, expected path and label");
        if (name.find('\0') != std::string::npos) throw InputError(place + ": a zero byte, expected text");
        if (!classes.empty() && label >= static_cast<std::int32_t>(classes.size())) {
            throw InputError(
                fmt::format("{}: label {}, expected 0 to {} as in the training set", place, label, classes.size() - 1));
        }
        largest = std::max(largest, label);
        list.images.push_back({(base / name).string(), name, label});
    }
    if (file.bad()) throw InputError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    if (list.images.empty()) throw InputError(path + ": no images, expected lines of path and label");
    for (std::int32_t label = 0; classes.empty() && label <= largest; ++label) {
        list.classes.push_back(std::to_string(label));
    }
    return list;
}

}  // namespace dfp16
