// A file driver for HDF5 that writes through an OutputFile. HDF5's own drivers cannot say why a write failed, and a
// file whose writes fail cannot be closed in good order; so this one keeps the first failure and lets HDF5 go on.
#include <algorithm>
#include <cstring>
#include <memory>

#include "reference/files/hdf5.h"

namespace dfp16::hdf5 {

namespace {

struct DriverInfo {
    OutputSink* sink;
};

/// The public part comes first: HDF5 knows the file by its address.
struct DriverFile {
    H5FD_t common;
    OutputSink* sink;
    haddr_t allocated;
};

DriverFile& own(H5FD_t* file) {
    return *reinterpret_cast<DriverFile*>(file);
}

const DriverFile& own(const H5FD_t* file) {
    return *reinterpret_cast<const DriverFile*>(file);
}

H5FD_t* open_driver(const char*, unsigned, hid_t access, haddr_t) {
    const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
    return info == nullptr ? nullptr : &(new DriverFile{{}, info->sink, 0})->common;
}

herr_t close_driver(H5FD_t* file) {
    delete &own(file);
    return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
    return own(file).allocated;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
    own(file).allocated = end;
    return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) {
    return own(file).sink->size();
}

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, void* into) {
    own(file).sink->read(at, into, size);
    return 0;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, const void* data) {
    own(file).sink->write(at, data, size);
    return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
    own(file).sink->resize(own(file).allocated);
    return 0;
}

H5FD_class_t driver_class() {
    H5FD_class_t driver{};
    driver.name = "dfp16-output";
    driver.maxaddr = haddr_t{1} << 62;
    driver.fc_degree = H5F_CLOSE_WEAK;
    driver.fapl_size = sizeof(DriverInfo);
    driver.open = open_driver;
    driver.close = close_driver;
    driver.query = query;
    driver.get_eoa = end_of_allocation;
    driver.set_eoa = set_end_of_allocation;
    driver.get_eof = end_of_file;
    driver.read = read;
    driver.write = write;
    driver.truncate = truncate;
    constexpr H5FD_mem_t kFreeLists[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(kFreeLists), std::end(kFreeLists), driver.fl_map);
    return driver;
}

Handle create(OutputSink& sink) {
    silence();
    static const H5FD_class_t driver = driver_class();
    const Handle id(H5FDregister(&driver), H5FDunregister, kFailure);
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, kFailure);
    const DriverInfo info{&sink};
    check(H5Pset_driver(access, id, &info), kFailure);
    // The format of HDF5 1.10: small, and its metadata have checksums.
    check(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), kFailure);
    const Handle creation = without_times(H5P_FILE_CREATE);
    return {H5Fcreate("golden-vectors", H5F_ACC_TRUNC, creation, access), H5Fclose, kFailure};
}

}  // namespace

template <typename Action>
void OutputSink::attempt(const Action& action) {
    if (failure_) return;
    try {
        action();
    } catch (...) {  // nothing may be thrown through HDF5
        failure_ = std::current_exception();
    }
}

void OutputSink::write(std::uint64_t at, const void* data, std::size_t size) {
    attempt([&] { output_.write_at(at, data, size); });
    size_ = std::max(size_, at + size);
}

void OutputSink::read(std::uint64_t at, void* into, std::size_t size) {
    std::memset(into, 0, size);
    attempt([&] { output_.read_at(at, into, size); });
}

void OutputSink::resize(std::uint64_t size) {
    attempt([&] { output_.resize(size); });
    size_ = size;
}

void OutputSink::rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
}

StreamedFile::StreamedFile(OutputFile& output) : sink_(output), file_(create(sink_)) {
    sink_.rethrow();
}

void StreamedFile::close() {
    const herr_t status = file_.close();
    sink_.rethrow();
    check(status, kFailure);
}

}  // namespace dfp16::hdf5
