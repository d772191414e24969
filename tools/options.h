// What the subcommands' options have in common. Numbers are taken as text, so that a message can name option, value and
// bounds.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace dfp16 {

/// An option with a default that --help shows.
boost::program_options::typed_value<std::string>* text_option(const std::string& default_value);
/// The cores of this machine, as a default of --threads.
std::string default_threads();

/// Parses a subcommand's arguments; `positional` names the option that takes the plain arguments, `most` of them (-1:
/// any number), or is null. Throws InputError, which names the known options.
boost::program_options::variables_map parse_options(const std::string& command,
                                                    const std::vector<std::string>& arguments,
                                                    const boost::program_options::options_description& options,
                                                    const char* positional = nullptr, int most = 1);

/// The value of an option that must be given. Throws InputError.
std::string required(const boost::program_options::variables_map& given, const std::string& command, const char* option,
                     const char* what);
/// Throws InputError for what is no whole number from lowest to highest.
std::int64_t whole_number(const boost::program_options::variables_map& given, const char* option, std::int64_t lowest,
                          std::int64_t highest);
/// --seed: any number of 64 bits.
std::uint64_t seed_of(const boost::program_options::variables_map& given);
/// --threads
int threads_of(const boost::program_options::variables_map& given);

}  // namespace dfp16
