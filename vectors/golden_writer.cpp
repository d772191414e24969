#include <fmt/format.h>

#include "sim/types/error.h"
#include "vectors/digest.h"
#include "vectors/golden_file.h"
#include "vectors/params_json.h"

namespace dfp16 {

std::string case_group_name(std::int64_t number) {
    return fmt::format("{:06d}", number);
}

GoldenWriter::GoldenWriter(const std::string& path, const FileHeader& header)
    : output_(path), file_(output_), group_(hdf5::create_group(file_, "cases")) {
    hdf5::write_integer(file_, "schema", kSchema);
    hdf5::write_string(file_, "contract", header.contract);
    hdf5::write_string(file_, "suite", header.suite);
    hdf5::write_integer(file_, "level", header.level);
    hdf5::write_unsigned(file_, "seed", header.seed);
    hdf5::write_string(file_, "generator", header.generator);
    if (header.shard != Shard{}) {
        hdf5::write_string(file_, "shard", fmt::format("{}/{}", header.shard.index, header.shard.count));
    }
}

void GoldenWriter::add(const Case& golden_case) {
    if (cases_ >= kMostCases) throw InputError("more than 1000000 cases in one file");
    try {
        write(golden_case);
    } catch (const InputError&) {
        file_.check_writes();  // after a failed write, HDF5's own complaints are only its consequence
        throw;
    }
    file_.check_writes();
    ++cases_;
}

void GoldenWriter::write(const Case& golden_case) {
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
}

void GoldenWriter::commit() {
    group_.close();
    file_.close();
    output_.commit();
}

}  // namespace dfp16
