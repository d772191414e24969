#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "vectors/export/export.h"

namespace dfp16 {

/// --module, --lanes, --order.
void add_verilog_options(boost::program_options::options_description& options);
/// `dfp16 export --format verilog`. Throws InputError.
ExportReport export_verilog_command(const std::string& file, const std::string& path, const ExportOptions& options,
                                    const boost::program_options::variables_map& given);
/// Throws InputError if an option is given that another format does not take.
void reject_verilog_options(const boost::program_options::variables_map& given, const std::string& format);

}  // namespace dfp16
