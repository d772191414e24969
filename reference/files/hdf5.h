// The HDF5 C API with owners for its handles and InputError for its failures. Names in messages are "FILE: OBJECT:
// ...".
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "reference/files/output_file.h"

namespace dfp16::hdf5 {

/// Owns one identifier.
class Handle {
public:
    using Closer = herr_t (*)(hid_t);
    /// Throws InputError "message: HDF5's reason" for an invalid identifier.
    Handle(hid_t id, Closer closer, const std::string& message);
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(closer_, other.closer_);
        return *this;
    }
    ~Handle() { close(); }
    operator hid_t() const { return id_; }
    /// Gives what the closing function gives.
    herr_t close() { return id_ < 0 ? 0 : closer_(std::exchange(id_, H5I_INVALID_HID)); }

private:
    hid_t id_;
    Closer closer_;
};

/// Stops the library from printing its errors.
void silence();
/// Throws InputError "message: HDF5's reason" if a call failed.
void check(herr_t status, const std::string& message);

// Writing. Objects carry no times, so that equal content gives equal bytes.

/// What messages of failed writes begin with.
inline constexpr const char* kFailure = "cannot make the HDF5 file";
/// A creation property list of objects without times.
Handle without_times(hid_t list_class);

/// Where HDF5's bytes go. After the first failure nothing more is done; it waits for whoever asks.
class OutputSink {
public:
    explicit OutputSink(OutputFile& output) : output_(output) {}
    void write(std::uint64_t at, const void* data, std::size_t size);
    /// What was never written reads as zeros.
    void read(std::uint64_t at, void* into, std::size_t size);
    void resize(std::uint64_t size);
    std::uint64_t size() const { return size_; }
    /// Throws the first failure, if there was one.
    void rethrow() const;

private:
    template <typename Action>
    void attempt(const Action& action);

    OutputFile& output_;
    std::uint64_t size_ = 0;
    std::exception_ptr failure_;
};

/// A new HDF5 file that is written as it grows: no more of it than HDF5's caches is in memory.
class StreamedFile {
public:
    explicit StreamedFile(OutputFile& output);

    operator hid_t() const { return file_; }
    /// Throws InputError if a write failed, the reason in its message.
    void check_writes() const { sink_.rethrow(); }
    /// Closes the file, in which nothing else is open. Throws InputError if any write failed.
    void close();

private:
    OutputSink sink_;
    Handle file_;
};

Handle create_group(hid_t parent, const std::string& name);
void write_string(hid_t object, const std::string& name, const std::string& value);
void write_integer(hid_t object, const std::string& name, std::int64_t value);
void write_unsigned(hid_t object, const std::string& name, std::uint64_t value);

/// What a stored type is, for checks and messages.
struct TypeDescription {
    H5T_class_t type_class;
    std::size_t size;
    H5T_sign_t sign;  ///< H5T_SGN_ERROR for what is no integer
};
TypeDescription describe(hid_t type);
/// "int16", "fp32", "a string".
std::string text_of(const TypeDescription& type);

// Reading. `place` starts every message: "FILE" or "FILE: case 000001".

/// Read-only. Throws InputError if the file cannot be read, is not HDF5, or is damaged.
Handle open_file(const std::string& path);
/// Follows hard links only: a foreign file cannot lead elsewhere.
Handle open_group(hid_t parent, const std::string& name, const std::string& place);
Handle open_dataset(hid_t group, const std::string& name, const std::string& place);
std::vector<std::string> names_in(hid_t group, const std::string& place);
std::string read_string(hid_t object, const std::string& name, const std::string& place);
std::int64_t read_integer(hid_t object, const std::string& name, const std::string& place, std::int64_t least,
                          std::int64_t most);
std::uint64_t read_unsigned(hid_t object, const std::string& name, const std::string& place);
/// The bytes that a dataset takes in its file. Throws InputError if it claims more than the file has: HDF5 takes its
/// word.
std::uint64_t stored_bytes(hid_t dataset, const std::string& place);

}  // namespace dfp16::hdf5
