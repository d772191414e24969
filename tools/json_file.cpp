#include "tools/json_file.h"

namespace dfp16 {

JsonFile::JsonFile(const std::string& path) {
    if (!path.empty()) file_ = std::make_unique<OutputFile>(path);
}

void JsonFile::commit(const boost::json::object& result) {
    if (!file_) return;
    std::string text = "{";
    for (const auto& member : result) {
        text += text.size() == 1 ? "\n  " : ",\n  ";
        text +=
            boost::json::serialize(boost::json::string(member.key())) + ": " + boost::json::serialize(member.value());
    }
    write(text + "\n}\n");
}

void JsonFile::commit_list(const boost::json::array& list) {
    if (!file_) return;
    std::string text = "[";
    for (const auto& element : list) text += (text.size() == 1 ? "\n  " : ",\n  ") + boost::json::serialize(element);
    write(text + "\n]\n");
}

void JsonFile::write(const std::string& text) {
    file_->write(text.data(), text.size());
    file_->commit();
    file_.reset();
}

}  // namespace dfp16
