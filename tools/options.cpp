#include "tools/options.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <thread>

#include "sim/types/error.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

/// Whether all of `text` is a number of this type.
template <typename Integer>
bool parse(const std::string& text, Integer& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

std::string known(const po::options_description& options) {
    std::string names;
    for (const auto& option : options.options()) {
        names += (names.empty() ? "--" : ", --") + option->long_name();
    }
    return names;
}

}  // namespace

po::typed_value<std::string>* text_option(const std::string& default_value) {
    return po::value<std::string>()->default_value(default_value);
}

std::string default_threads() {
    return std::to_string(std::max(1u, std::thread::hardware_concurrency()));
}

po::variables_map parse_options(const std::string& command, const std::vector<std::string>& arguments,
                                const po::options_description& options, const char* positional, int most) {
    po::positional_options_description positions;
    if (positional != nullptr) positions.add(positional, most);
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::variables_map given;
    try {
        po::store(po::command_line_parser(arguments).options(options).positional(positions).style(style).run(), given);
        po::notify(given);
    } catch (const po::unknown_option& error) {
        throw InputError(
            fmt::format("{}: unknown option '{}', known: {}", command, error.get_option_name(), known(options)));
    } catch (const po::too_many_positional_options_error&) {
        throw InputError(fmt::format("{}: too many arguments (see dfp16 {} --help)", command, command));
    } catch (const po::error& error) {
        throw InputError(fmt::format("{}: {} (see dfp16 {} --help)", command, error.what(), command));
    }
    return given;
}

std::string required(const po::variables_map& given, const std::string& command, const char* option, const char* what) {
    if (!given.contains(option) || given[option].as<std::string>().empty()) {
        throw InputError(fmt::format("{}: {} is missing (see dfp16 {} --help)", command, what, command));
    }
    return given[option].as<std::string>();
}

std::int64_t whole_number(const po::variables_map& given, const char* option, std::int64_t lowest,
                          std::int64_t highest) {
    const auto& text = given[option].as<std::string>();
    std::int64_t value = 0;
    if (!parse(text, value) || value < lowest || value > highest) {
        throw InputError(
            fmt::format("--{} '{}', expected a whole number from {} to {}", option, text, lowest, highest));
    }
    return value;
}

std::uint64_t seed_of(const po::variables_map& given) {
    const auto& text = given["seed"].as<std::string>();
    std::uint64_t value = 0;
    if (!parse(text, value)) {
        throw InputError(fmt::format("--seed '{}', expected a whole number from 0 to 2^64 - 1", text));
    }
    return value;
}

int threads_of(const po::variables_map& given) {
    return static_cast<int>(whole_number(given, "threads", 1, 1024));
}

}  // namespace dfp16
