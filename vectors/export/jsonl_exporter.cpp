#include "reference/files/output_file.h"
#include "vectors/export/case_json.h"
#include "vectors/export/export.h"

namespace dfp16 {

namespace {

class JsonlExporter : public Exporter {
public:
    explicit JsonlExporter(const std::string& path) : output_(path) {}
    void add(const ExportCase& exported) override {
        const std::string line = case_json(exported, true) + "\n";
        output_.write(line.data(), line.size());
    }
    void commit() override { output_.commit(); }

private:
    OutputFile output_;
};

}  // namespace

std::unique_ptr<Exporter> make_jsonl_exporter(const std::string& path) {
    return std::make_unique<JsonlExporter>(path);
}

}  // namespace dfp16
