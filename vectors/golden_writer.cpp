#include <fmt/format.h>

#include <vector>

#include "sim/types/error.h"
#include "vectors/digest.h"
#include "vectors/golden_file.h"
#include "vectors/params_json.h"

namespace dfp16 {

namespace {

hdf5::Handle create_file(const FileHeader& header) {
    hdf5::silence();
    hdf5::Handle file = hdf5::create_in_memory();
    hdf5::write_integer(file, "schema", kSchema);
    hdf5::write_string(file, "contract", header.contract);
    hdf5::write_string(file, "suite", header.suite);
    hdf5::write_integer(file, "level", header.level);
    hdf5::write_unsigned(file, "seed", header.seed);
    hdf5::write_string(file, "generator", header.generator);
    return file;
}

}  // namespace

std::string case_group_name(std::int64_t number) { return fmt::format("{:06d}", number); }

GoldenWriter::GoldenWriter(const FileHeader& header)
    : file_(create_file(header)), group_(hdf5::create_group(file_, "cases")) {}

void GoldenWriter::add(const Case& golden_case) {
    if (cases_ >= kMostCases) throw InputError("more than 1000000 cases in one file");
    const hdf5::Handle group = hdf5::create_group(group_, case_group_name(cases_));
    const std::string params = params_to_json(golden_case);
    hdf5::write_string(group, "op", name_of(golden_case.op));
    hdf5::write_string(group, "name", golden_case.name);
    hdf5::write_string(group, "params", params);
    hdf5::write_string(group, "digest", digest_of(golden_case, params));
    const Operands operands = operands_of(golden_case);
    const hdf5::Handle inputs = hdf5::create_group(group, "inputs");
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        hdf5::write_tensor(inputs, operands.inputs[i], golden_case.inputs.at(i));
    }
    const hdf5::Handle outputs = hdf5::create_group(group, "outputs");
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        hdf5::write_tensor(outputs, operands.outputs[i], golden_case.outputs.at(i));
    }
    ++cases_;
}

void GoldenWriter::commit(OutputFile& output) {
    const std::vector<char> image = hdf5::image_of(file_);
    output.write(image.data(), image.size());
    output.commit();
}

void GoldenWriter::commit(const std::string& path) {
    OutputFile output(path);
    commit(output);
}

}  // namespace dfp16
