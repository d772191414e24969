#include "reference/files/hdf5_crash.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/digest.h"
#include "vectors/golden_file.h"
#include "vectors/params_json.h"

namespace dfp16 {

namespace {

hdf5::Handle open(const std::string& path) {
    const hdf5::Reading reading(path);
    hdf5::silence();
    return hdf5::open_file(path);
}

hdf5::Handle open_cases(const hdf5::Handle& file, const std::string& path) {
    const hdf5::Reading reading(path);
    return hdf5::open_group(file, "cases", path);
}

std::vector<hdf5::StoredTensor> fetch_tensors(const hdf5::Handle& group, const char* name,
                                              const std::vector<Operand>& operands, const std::string& here) {
    const hdf5::Handle tensors = hdf5::open_group(group, name, here);
    const std::size_t found = hdf5::names_in(tensors, here).size();
    if (found != operands.size()) {
        throw InputError(here + ": " + std::to_string(found) + " datasets in '" + name + "', expected " +
                         std::to_string(operands.size()));
    }
    std::vector<hdf5::StoredTensor> fetched;
    for (const Operand& operand : operands) {
        fetched.push_back(hdf5::fetch_tensor(tensors, operand, here + ": " + name));
    }
    return fetched;
}

std::vector<HostTensor> inflate_tensors(std::vector<hdf5::StoredTensor>& stored) {
    std::vector<HostTensor> tensors;
    for (hdf5::StoredTensor& tensor : stored) tensors.push_back(hdf5::inflate_tensor(std::move(tensor)));
    return tensors;
}

}  // namespace

GoldenReader::GoldenReader(const std::string& path)
    : path_(path), file_(open(path)), header_(read_header()), group_(open_cases(file_, path_)) {
    count_cases();
}

FileHeader GoldenReader::read_header() const {
    const hdf5::Reading reading(path_);
    FileHeader header;
    hdf5::read_integer(file_, "schema", path_, kSchema, kSchema);
    header.contract = hdf5::read_string(file_, "contract", path_);
    if (header.contract != kContractVersion) {
        throw InputError(path_ + ": contract version is '" + header.contract + "', expected '" + kContractVersion +
                         "'");
    }
    header.suite = hdf5::read_string(file_, "suite", path_);
    header.level = static_cast<int>(hdf5::read_integer(file_, "level", path_, 0, 1000));
    header.seed = hdf5::read_unsigned(file_, "seed", path_);
    header.generator = hdf5::read_string(file_, "generator", path_);
    if (H5Aexists(file_, "shard") > 0) header.shard = read_shard();
    return header;
}

Shard GoldenReader::read_shard() const {
    const std::string text = hdf5::read_string(file_, "shard", path_);
    try {
        return shard_of(text);
    } catch (const InputError& error) {
        throw InputError(path_ + ": " + error.what());
    }
}

void GoldenReader::count_cases() {
    const hdf5::Reading reading(path_);
    for (const std::string& name : hdf5::names_in(group_, path_)) {
        if (name != case_group_name(cases_)) {
            throw InputError(path_ + ": group '/cases/" + name + "', expected '/cases/" + case_group_name(cases_) +
                             "'");
        }
        ++cases_;
    }
}

std::string GoldenReader::place(std::int64_t number) const {
    return path_ + ": case " + case_group_name(number);
}

hdf5::Handle GoldenReader::open_case(std::int64_t number) const {
    if (number < 0 || number >= cases_) {
        throw InputError(path_ + ": case " + std::to_string(number) + " does not exist, the file has " +
                         std::to_string(cases_) + " cases");
    }
    return hdf5::open_group(group_, case_group_name(number), place(number));
}

CaseEntry GoldenReader::entry(const hdf5::Handle& group, const std::string& here) const {
    CaseEntry entry;
    entry.header.name = hdf5::read_string(group, "name", here);
    entry.params = hdf5::read_string(group, "params", here);
    entry.digest = hdf5::read_string(group, "digest", here);
    const std::string op = hdf5::read_string(group, "op", here);
    try {
        entry.header.op = op_kind_of(op);
        params_from_json(entry.params, entry.header);
        operands_of(entry.header);
    } catch (const InputError& error) {
        throw InputError(here + ": " + error.what());
    }
    return entry;
}

CaseEntry GoldenReader::entry(std::int64_t number) const {
    const hdf5::Reading reading(path_);
    return entry(open_case(number), place(number));
}

StoredCase GoldenReader::fetch(std::int64_t number) const {
    const hdf5::Reading reading(path_);
    hdf5::silence();  // each thread has a setting of its own
    const std::string here = place(number);
    const hdf5::Handle group = open_case(number);
    StoredCase stored{entry(group, here), here, {}, {}};
    const Operands operands = operands_of(stored.entry.header);
    stored.inputs = fetch_tensors(group, "inputs", operands.inputs, here);
    stored.outputs = fetch_tensors(group, "outputs", operands.outputs, here);
    return stored;
}

Case inflate_case(StoredCase stored) {
    Case golden_case{stored.entry.header, inflate_tensors(stored.inputs), inflate_tensors(stored.outputs)};
    const std::string digest = digest_of(golden_case, stored.entry.params);
    if (digest != stored.entry.digest) {
        throw InputError(stored.place + ": damaged: digest is " + digest + ", expected " + stored.entry.digest);
    }
    return golden_case;
}

}  // namespace dfp16
