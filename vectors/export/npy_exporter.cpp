#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sim/types/error.h"
#include "vectors/export/case_json.h"
#include "vectors/export/export.h"
#include "vectors/export/npy.h"

namespace dfp16 {

namespace {

namespace fs = std::filesystem;

/// Fills a directory beside the one that is asked for and renames it when it is whole.
class NpyExporter : public Exporter {
public:
    explicit NpyExporter(const std::string& path) : path_(without_slash(path)), temporary_(path_.string() + ".XXXXXX") {
        if (fs::symlink_status(path_).type() != fs::file_type::not_found) {
            throw InputError("cannot write " + path_.string() + ": it exists, expected the name of a new directory");
        }
        std::string name = temporary_.string();
        if (mkdtemp(name.data()) == nullptr)
            throw InputError("cannot write " + path_.string() + ": " + std::strerror(errno));
        temporary_ = name;
        fs::permissions(temporary_, fs::perms(0755));
    }
    ~NpyExporter() override {
        std::error_code ignored;
        if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
    }
    NpyExporter(const NpyExporter&) = delete;
    NpyExporter& operator=(const NpyExporter&) = delete;

    void add(const ExportCase& exported) override {
        const fs::path directory = temporary_ / case_group_name(exported.number);
        write(directory, "inputs", exported.inputs);
        write(directory, "outputs", exported.outputs);
        const std::string json = case_json(exported, false) + "\n";
        write_file(directory / "case.json", json, {"", 0});
    }

    void commit() override {
        std::error_code error;
        fs::rename(temporary_, path_, error);
        if (error) throw InputError("cannot rename to " + path_.string() + ": " + error.message());
        temporary_.clear();
    }

private:
    static fs::path without_slash(const std::string& path) {
        const fs::path given(path);
        return given.has_filename() ? given : given.parent_path();
    }
    /// Not synced to the disk one by one: thousands of files would take minutes.
    static void write_file(const fs::path& file, const std::string& head, npy::Bytes data) {
        std::ofstream output(file, std::ios::binary);
        output.write(head.data(), static_cast<std::streamsize>(head.size()));
        output.write(static_cast<const char*>(data.data), static_cast<std::streamsize>(data.size));
        output.close();
        if (!output) throw InputError("cannot write " + file.string() + ": " + std::strerror(errno));
    }
    static void write(const fs::path& directory, const char* group, const std::vector<ExportTensor>& tensors) {
        std::error_code error;
        fs::create_directories(directory / group, error);
        if (error) throw InputError("cannot write " + directory.string() + ": " + error.message());
        for (const ExportTensor& tensor : tensors) {
            write_file(directory / group / (tensor.operand.name + ".npy"), npy::header(tensor), npy::bytes_of(tensor));
        }
    }

    fs::path path_;
    fs::path temporary_;
};

}  // namespace

std::unique_ptr<Exporter> make_npy_exporter(const std::string& path) {
    return std::make_unique<NpyExporter>(path);
}

}  // namespace dfp16
