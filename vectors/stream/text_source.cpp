#include "vectors/stream/text_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

std::size_t DescriptorSource::read(char* into, std::size_t size) {
    for (;;) {
        const ssize_t got = ::read(descriptor_, into, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw InputError("cannot read " + name_ + ": " + std::strerror(errno));
    }
}

bool TextReader::refill() {
    begin_ = 0;
    end_ = source_.read(buffer_.data(), buffer_.size());
    return end_ > 0;
}

bool TextReader::skip_blanks() {
    bool any = false;
    while (!at_end() && is_blank(buffer_[begin_])) {
        ++begin_;
        any = true;
    }
    return any;
}

bool TextReader::at_end_of_line() {
    skip_blanks();
    return at_end() || buffer_[begin_] == '\n';
}

std::string TextReader::word(std::size_t most) {
    skip_blanks();
    std::string text;
    while (text.size() < most && !at_end() && !is_blank(buffer_[begin_]) && buffer_[begin_] != '\n') {
        text += buffer_[begin_++];
    }
    return text;
}

std::string TextReader::rest(std::size_t most) {
    skip_blanks();
    std::string text;
    while (text.size() < most && !at_end() && buffer_[begin_] != '\n') text += buffer_[begin_++];
    while (!text.empty() && is_blank(text.back())) text.pop_back();
    skip_line();
    return text;
}

bool TextReader::skip_line() {
    while (!at_end()) {
        const void* found = std::memchr(&buffer_[begin_], '\n', end_ - begin_);
        if (found != nullptr) {
            begin_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
            ++line_;
            return true;
        }
        begin_ = end_;
    }
    return false;
}

std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 40;
    std::string result = "'";
    for (const char c : text.substr(0, kMost)) result += c >= ' ' && c <= '~' ? c : '?';
    return result + (text.size() > kMost ? "...'" : "'");
}

}  // namespace dfp16
