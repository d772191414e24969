#include <cstdint>

#include "vectors/export/export.h"
#include "vectors/export/npy.h"
#include "vectors/export/zip_file.h"

namespace dfp16 {

namespace {

class NpzExporter : public Exporter {
public:
    NpzExporter(const std::string& path, bool deflated) : zip_(path, deflated) {}

    void add(const ExportCase& exported) override {
        const std::string group = case_group_name(exported.number) + "/";
        add_text(group + "op", name_of(exported.header.op));
        add_text(group + "name", exported.header.name);
        add_text(group + "params", exported.params);
        add_tensors(group, "inputs/", exported.inputs);
        add_tensors(group, "outputs/", exported.outputs);
    }

    void commit() override { zip_.commit(); }

private:
    void add_text(const std::string& name, const std::string& text) {
        const std::string bytes = text.empty() ? std::string(1, '\0') : text;  // NumPy drops zeros at the end
        zip_.add(name + ".npy", npy::header("|S" + std::to_string(bytes.size()), {}), bytes);
    }

    void add_tensors(const std::string& group, const char* kind, const std::vector<ExportTensor>& tensors) {
        for (const ExportTensor& tensor : tensors) {
            const std::string name = kind + tensor.operand.name;
            const npy::Bytes bytes = npy::bytes_of(tensor);
            zip_.add(group + name + ".npy", npy::header(tensor), {static_cast<const char*>(bytes.data), bytes.size});
            if (!tensor.layout.text().empty()) add_text(group + "layouts/" + name, tensor.layout.text());
            if (!tensor.operand.scaled) continue;
            const std::int32_t exponent = tensor.exponent;
            zip_.add(group + "exponents/" + name + ".npy", npy::header("<i4", {}),
                     {reinterpret_cast<const char*>(&exponent), sizeof exponent});
        }
    }

    ZipFile zip_;
};

}  // namespace

std::unique_ptr<Exporter> make_npz_exporter(const std::string& path, bool deflated) {
    return std::make_unique<NpzExporter>(path, deflated);
}

}  // namespace dfp16
